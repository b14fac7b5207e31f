//! What a session sends: each attempt, compared with what the session knows.

use reauth::Reason;

use super::Request;
use crate::calls::Place;
use crate::ledger::{Promise, Sent};
use crate::situations::Situation;
use crate::world::{Holder, State};

impl State {
    /// A request begins.
    pub(crate) fn begin_request(&mut self, holder: Holder, place: Place, sent: Sent) -> usize {
        let begun = self.ledger.moment;
        self.ledger.requests.push(Request {
            holder,
            begun,
            hop: 0,
            redirected: false,
            attempts: 0,
            replayed: false,
            sign_in: None,
            place,
            sent,
            ended: None,
            served: false,
        });
        self.ledger.requests.len() - 1
    }

    /// The request is sent now, for the first time.
    pub(crate) fn request_is_polled(&mut self, request: usize) {
        let under = self.signed_in_as(self.ledger.requests[request].holder);
        let log = &mut self.ledger.requests[request];
        log.begun = self.ledger.moment;
        log.sign_in = under;
    }

    /// A session sends an attempt. Returns its number within its hop.
    pub(crate) fn attempt(
        &mut self,
        holder: Holder,
        request: usize,
        place: Place,
        access: Option<u32>,
    ) -> u8 {
        let process = holder.process;
        let now = self.monotonic(process);
        let log = &mut self.ledger.requests[request];
        if std::mem::take(&mut log.redirected) || log.place != place {
            log.place = place;
            log.hop += 1;
            log.attempts = 0;
        }
        log.attempts += 1;
        let (attempts, hop) = (log.attempts, log.hop);
        let twice = log.replayed;
        log.replayed |= attempts > 1;
        if attempts > 2 || (attempts == 2 && twice) {
            self.broken(Promise::P1, || {
                format!("request {request} is sent too often")
            });
        }
        if place.origin > 1 {
            if access.is_some() {
                self.broken(Promise::P17, || {
                    format!("request {request} takes the token elsewhere")
                });
            }
            return attempts;
        }
        let Some(access) = access else {
            self.broken(Promise::P18, || {
                format!("request {request} is sent without a token")
            });
            return attempts;
        };
        let sign_in = self.servers.sign_in_of(access);
        self.tell(|| {
            format!("P{process}: request {request}, attempt {attempts}, with a{access} (sign-in {sign_in})")
        });
        let log = &mut self.ledger.requests[request];
        let begun = log.begun;
        let first = log.sign_in.replace(sign_in);
        // What was not sent yet belongs to nobody, if its session had ended.
        let ended = self.ledger.holding_of(process).ended;
        let mut stored = self.ledger.stored.iter();
        let stored_before = stored.any(|(other, moment)| *other == sign_in && *moment < begun);
        let unsent = attempts == 1 && hop == 0;
        if first.is_some_and(|first| {
            first != sign_in && !(unsent && (ended == Some(first) || stored_before))
        }) {
            self.broken(Promise::P3, || {
                format!("request {request} began under {first:?}")
            });
        }
        let holding = self.ledger.holding(process);
        if attempts > 1 {
            holding.replays += 1;
        }
        let elsewhere = holding.elsewhere.flatten();
        let elsewhere = elsewhere.and_then(|pair| self.servers.sign_in_of_pair(pair));
        if holding.sign_in != Some(sign_in) && elsewhere != Some(sign_in) {
            let held = holding.sign_in;
            self.broken(Promise::P13, || {
                format!(
                    "P{process} sends a token of sign-in {sign_in}, and is signed in as {held:?}"
                )
            });
        }
        let holding = self.ledger.holding(process);
        let again = holding.granted_again.contains(&access);
        let expired = holding
            .expiries
            .iter()
            .any(|(known, end)| *known == access && now >= *end);
        let mut refused = holding.refused.iter();
        let refused =
            refused.any(|(known, at, moment)| (*known, *at) == (access, place) && *moment < begun);
        if hop == 0 && expired {
            self.broken(Promise::P5, || {
                format!("request {request} is sent with a{access}, which has expired")
            });
        }
        if hop == 0 && attempts == 1 && refused && !again {
            self.broken(Promise::P5, || {
                format!("request {request} is sent with a{access}, which was refused there before it began")
            });
        }
        if attempts > 1 {
            self.met(Situation::Replayed);
        }
        attempts
    }

    pub(crate) fn two_credentials(&mut self, request: usize) {
        self.broken(Promise::P18, || {
            format!("request {request} carries two credentials")
        });
    }

    /// The application was handed this access token.
    pub(crate) fn handed_out(&mut self, holder: Holder, access: u32) {
        let now = self.monotonic(holder.process);
        let holding = self.ledger.holding(holder.process);
        if holding
            .expiries
            .iter()
            .any(|(known, end)| *known == access && now >= *end)
        {
            self.broken(Promise::P5, || {
                format!("a{access} is handed out, which has expired")
            });
        }
    }

    /// A future was polled: what was refused is known now, unless the session has said why not.
    pub(crate) fn settle(&mut self) {
        self.ledger.moment += 1;
        for refusal in std::mem::take(&mut self.ledger.refusals) {
            let request = &self.ledger.requests[refusal.request];
            let forgotten = matches!(
                request.ended,
                Some(Some(
                    Reason::TokenTooFresh
                        | Reason::RefreshLimit
                        | Reason::RefusedAgain
                        | Reason::Superseded
                ))
            );
            if !forgotten {
                let moment = self.ledger.moment;
                let holding = self.ledger.holding(request.holder.process);
                holding
                    .refused
                    .push((refusal.access, refusal.place, moment));
            }
        }
    }
}
