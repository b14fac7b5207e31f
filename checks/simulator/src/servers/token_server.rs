//! The token server: what it does with a call, and what goes wrong.

use bytes::Bytes;
use http::StatusCode;
use reauth::{Failure, TokenUse};

use super::{NO_CONNECTION, Read, Traded, read, refresh_token};
use crate::calls::{Answer, Asked, Call, Head, Rest, Stage};
use crate::ledger::{Promise, Said};
use crate::servers::Pair;
use crate::setup::Rotation;
use crate::situations::Situation;
use crate::world::{State, World};

impl World {
    /// A call arrives at the token server.
    pub(crate) fn token_call(&self, call: &mut Call, fault: usize) -> Answer {
        let Asked::TokenCall { body } = &mut call.asked else {
            unreachable!("it is a token call");
        };
        // Without the lock: the body looks at the clock.
        let body = (fault != NO_CONNECTION).then(|| read(body));
        self.lock().token_call(call, body, fault)
    }
}

impl State {
    fn token_call(&mut self, call: &mut Call, body: Option<Read>, fault: usize) -> Answer {
        let holder = call.holder;
        let refresh = match body {
            None => {
                let process = holder.process;
                self.tell(|| format!("  P{process}'s token call finds no connection"));
                self.met(Situation::TokenCallWithoutConnection);
                call.said = Said::NotProcessed;
                return Answer::Failed(Failure::Connect);
            }
            Some(Read::Whole(body)) => refresh_token(&body),
            Some(Read::Broken) => {
                self.tell(|| format!("  P{}'s abandoned token call is not sent", holder.process));
                self.met(Situation::AbandonedCallNotSent);
                return Answer::Failed(Failure::Other);
            }
        };
        let late = matches!(call.stage, Stage::GivenUp);
        let Some(refresh) = refresh else {
            self.broken(Promise::P9, || {
                "a token call without a refresh token".to_owned()
            });
            return Answer::Failed(Failure::Other);
        };
        call.refresh = Some(refresh);
        self.sent(call, refresh);
        if late {
            self.met(Situation::TokenCallArrivedLate);
        }
        let (answer, said) = self.token_answer(call, refresh, fault);
        call.said = said;
        answer
    }

    fn token_answer(&mut self, call: &mut Call, refresh: u32, fault: usize) -> (Answer, Said) {
        use Said::{NotProcessed, Refused, Unknown};
        let process = call.holder.process;
        let setup = self.setup;
        let refused =
            |text: &'static str, status: StatusCode, retry_after: Option<&'static str>| {
                let body = Bytes::from_static(text.as_bytes());
                Answer::Response(
                    Head::new(status)
                        .with_retry_after(retry_after)
                        .with_body(body),
                )
            };
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        let unsaid = match fault {
            2 => Some((
                Answer::Failed(Failure::Other),
                Unknown,
                "its connection dies before the server acts",
            )),
            4 => Some((
                refused("", unavailable, Some("2")),
                NotProcessed,
                "503, Retry-After: 2",
            )),
            5 => Some((refused("", StatusCode::BAD_GATEWAY, None), Unknown, "502")),
            6 => Some((
                refused("", StatusCode::TOO_MANY_REQUESTS, Some("1")),
                NotProcessed,
                "429",
            )),
            7 => {
                let sign_in = self.servers.sign_in_of_refresh(refresh);
                self.servers
                    .excuse(sign_in, "the token server said invalid_grant");
                let answer = refused(
                    r#"{"error":"invalid_grant"}"#,
                    StatusCode::BAD_REQUEST,
                    None,
                );
                Some((answer, Refused, "invalid_grant, without a reason"))
            }
            8 => {
                let answer = refused(
                    r#"{"error":"invalid_client"}"#,
                    StatusCode::UNAUTHORIZED,
                    None,
                );
                Some((answer, NotProcessed, "invalid_client"))
            }
            11 => Some((Answer::Panic, Unknown, "the refresher panics")),
            12 => Some((
                Answer::Failed(Failure::NotProcessed),
                NotProcessed,
                "not processed",
            )),
            15 => Some((
                Answer::Silence,
                Unknown,
                "the server neither acts nor answers",
            )),
            14 => Some((refused("", unavailable, None), Unknown, "503")),
            _ => None,
        };
        if let Some((answer, said, what)) = unsaid {
            self.tell(|| format!("  token server: r{refresh} of P{process}: {what}"));
            self.met(match said {
                NotProcessed => Situation::TokenCallNotProcessed,
                Unknown => Situation::TokenCallUnknown,
                Refused | Said::Granted | Said::Nothing => Situation::TokenCallRefused,
            });
            return (answer, said);
        }
        let same = fault == 10 && setup.rotation == Rotation::Keeps;
        let traded = match same.then(|| self.last_access(refresh)).flatten() {
            Some(access) => Traded::Granted(Pair {
                access: Some(access),
                refresh: Some(refresh),
            }),
            None => self.servers.trade(refresh, self.now, setup),
        };
        let pair = match traded {
            Traded::Granted(pair) => pair,
            Traded::Refused | Traded::Reused => {
                if matches!(traded, Traded::Reused) {
                    self.reused(call.holder, refresh);
                }
                self.tell(|| format!("  token server: invalid_grant for r{refresh} of P{process}"));
                self.met(Situation::TokenCallRefused);
                let answer = refused(
                    r#"{"error":"invalid_grant"}"#,
                    StatusCode::BAD_REQUEST,
                    None,
                );
                return (answer, Refused);
            }
        };
        self.tell(|| format!("  token server: r{refresh} of P{process} buys {pair}"));
        call.granted = Some(pair);
        let lost = |state: &mut Self, what: &'static str| {
            state.tell(|| format!("  token server: the answer to r{refresh} of P{process} {what}"));
            state.met(Situation::GrantLost);
            state.granted_and_lost(refresh, pair);
        };
        let body = self.granted_body(pair);
        match fault {
            1 => {
                lost(self, "is lost");
                (Answer::Failed(Failure::Other), Unknown)
            }
            9 => {
                lost(self, "is unreadable");
                let body = Bytes::from_static(b"<html>");
                (
                    Answer::Response(Head::new(StatusCode::OK).with_body(body)),
                    Unknown,
                )
            }
            16 => {
                lost(self, "never comes");
                (Answer::Silence, Unknown)
            }
            13 => {
                lost(self, "breaks off");
                let body = body.slice(..body.len() / 2);
                let head = Head::new(StatusCode::OK).with_body(body);
                (Answer::Response(head.with_rest(Rest::BreaksOff)), Unknown)
            }
            _ => (
                Answer::Response(Head::new(StatusCode::OK).with_body(body)),
                Said::Granted,
            ),
        }
    }

    fn granted_body(&self, pair: Pair) -> Bytes {
        let access = pair.access.unwrap_or_default();
        let refresh = pair.refresh.unwrap_or_default();
        let lifetime = self.setup.lifetime.map(|lifetime| lifetime.as_secs());
        let expires = lifetime.map(|seconds| format!(r#","expires_in":{seconds}"#));
        let expires = expires.unwrap_or_default();
        format!(r#"{{"access_token":"a{access}","refresh_token":"r{refresh}"{expires}}}"#).into()
    }

    /// A revocation arrives.
    pub(crate) fn revocation(&mut self, refresh: Option<u32>) -> Answer {
        if let Some(refresh) = refresh {
            let sign_in = self.servers.sign_in_of_refresh(refresh);
            self.servers.revoke(sign_in);
            self.servers.excuse(sign_in, "it was revoked");
            self.tell(|| format!("  token server: sign-in {sign_in} is revoked, as asked"));
        }
        Answer::Response(Head::new(StatusCode::OK))
    }

    /// The access token that this refresh token brought last.
    fn last_access(&self, refresh: u32) -> Option<u32> {
        let sign_in = self.servers.sign_in_of_refresh(refresh);
        let mut numbers = (1..=self.servers.accesses.len() as u32).rev();
        numbers.find(|number| self.servers.sign_in_of(*number) == sign_in)
    }

    /// What a holder may no longer count on, because an answer was lost.
    pub(crate) fn granted_and_lost(&mut self, refresh: u32, pair: Pair) {
        if pair.refresh != Some(refresh) {
            let sign_in = self.servers.sign_in_of_refresh(refresh);
            self.servers
                .excuse(sign_in, "an answer with a rotated token was lost");
        }
    }

    /// The outcome of a call with this refresh token is unknown to its holder.
    pub(crate) fn unknown(&mut self, refresh: u32, times: u32) {
        let sign_in = self.servers.sign_in_of_refresh(refresh);
        let ends = match self.setup.token_use {
            TokenUse::Reusable => false,
            TokenUse::Learn => times > 1,
            _ => true,
        };
        if ends {
            self.servers.excuse(
                sign_in,
                "an unknown outcome, after which the token may not be sent",
            );
        }
    }
}
