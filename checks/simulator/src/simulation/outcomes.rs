//! What an application is told: how requests end.

use reauth::{BearerToken, Error, ErrorKind, Reason};

use crate::ledger::Promise;
use crate::servers::number;
use crate::situations::Situation;
use crate::tasks::Label;
use crate::wire::Response;
use crate::world::{Holder, State};

impl State {
    pub(super) fn request_ended(&mut self, request: usize, answer: &Result<Response, Error>) {
        let log = &self.ledger.requests[request];
        let (holder, process) = (log.holder, log.holder.process);
        match answer {
            Ok(response) => {
                let reason = response.reason();
                let status = response.status().as_u16();
                self.tell(|| format!("P{process}: request {request} ends: {status} {reason:?}"));
                if status == 401 && reason.is_none() {
                    self.broken(Promise::P14, || {
                        format!("request {request} gets a 401 without a reason")
                    });
                }
                match reason {
                    Some(Reason::RefusedAgain) => self.met(Situation::RefusedAgain),
                    Some(Reason::BodyNotReplayable) => self.met(Situation::BodyNotReplayable),
                    Some(Reason::RefreshLimit) => self.met(Situation::RefreshLimited),
                    Some(Reason::TokenTooFresh) => self.met(Situation::TokenTooFresh),
                    Some(Reason::Superseded) => self.met(Situation::Superseded),
                    _ => {}
                }
                let log = &mut self.ledger.requests[request];
                log.ended = Some(reason);
                log.served = status == 200;
            }
            Err(error) => {
                let log = &mut self.ledger.requests[request];
                log.ended = Some(None);
                let under = log.sign_in;
                self.tell(|| format!("P{process}: request {request} ends: {:?}", error.kind()));
                self.failed(holder, under, error);
            }
        }
    }

    pub(super) fn bearer_ended(
        &mut self,
        holder: Holder,
        under: Option<usize>,
        label: Label,
        token: &Result<BearerToken, Error>,
    ) {
        let process = holder.process;
        match token {
            Ok(token) => {
                self.tell(|| format!("P{process}: {label} returns {}", token.access_token()));
                if let Some(access) = number(token.access_token()) {
                    self.handed_out(holder, access);
                }
            }
            Err(error) => {
                self.tell(|| format!("P{process}: {label} fails: {:?}", error.kind()));
                self.failed(holder, under, error);
            }
        }
    }

    pub(super) fn failed(&mut self, holder: Holder, under: Option<usize>, error: &Error) {
        let process = holder.process;
        if let ErrorKind::SessionExpired | ErrorKind::RefreshUnknown = error.kind() {
            self.ledger.holding(process).ended = under;
        }
        match error.kind() {
            ErrorKind::SessionExpired if !self.may_end(under) => {
                self.broken(Promise::P11, || {
                    format!("P{process} is told to sign in again, for no reason")
                });
            }
            ErrorKind::RefreshUnavailable => self.met(Situation::RefreshUnavailable),
            ErrorKind::RefreshUnknown => self.met(Situation::RefreshUnknown),
            ErrorKind::RefreshLimit => self.met(Situation::RefreshLimited),
            ErrorKind::Timeout => self.met(Situation::RequestTimedOut),
            ErrorKind::TooManyWaiting => self.met(Situation::TooManyWaiting),
            ErrorKind::Superseded => self.met(Situation::Superseded),
            _ => {}
        }
    }
}
