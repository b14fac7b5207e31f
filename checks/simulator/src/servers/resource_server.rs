//! The resource servers: what they do with an attempt, and what goes wrong.

use bytes::Bytes;
use http::{Method, StatusCode};
use reauth::Failure;

use super::{Read, read};
use crate::calls::{Answer, Attempt, Head, Place, Rest};
use crate::ledger::Promise;
use crate::servers::uri;
use crate::setup::Bodies;
use crate::situations::Situation;
use crate::world::State;

impl State {
    /// An attempt arrives at a resource server.
    pub(crate) fn attempt_arrives(&mut self, attempt: &mut Attempt, fault: usize) -> Answer {
        let Attempt {
            request,
            place,
            number,
            ..
        } = *attempt;
        let what = |what: &str| format!("  request {request}, attempt {number}: {what}");
        if fault == 14 && self.setup.timeout.is_some() {
            self.tell(|| what("no answer will come"));
            self.met(Situation::AttemptFailed);
            return Answer::Silence;
        }
        let failure = match fault {
            3 => Some((Failure::Other, "its connection dies before the server acts")),
            4 => Some((Failure::Connect, "no connection")),
            10 => Some((Failure::NotProcessed, "not processed")),
            11 => Some((Failure::Timeout, "the client's timeout")),
            _ => None,
        };
        if let Some((failure, told)) = failure {
            self.tell(|| what(told));
            self.met(Situation::AttemptFailed);
            return Answer::Failed(failure);
        }
        let accepted = match attempt.access {
            Some(access) => self.servers.accepts(access, self.now),
            None => true,
        };
        let accepted = accepted && !(fault == 1 && attempt.access.is_some());
        if accepted || fault != 12 {
            self.check_body(attempt);
        }
        let hops = self.ledger.requests[request].hop;
        let redirect = |origin: u8, path: u8| Place { origin, path };
        let head = match fault {
            _ if !accepted => self.refusal(fault),
            2 => Head::new(StatusCode::INTERNAL_SERVER_ERROR),
            5 => {
                self.tell(|| what("its answer is lost"));
                self.met(Situation::AttemptFailed);
                return Answer::Failed(Failure::Other);
            }
            6 if hops < 2 => self.redirect(request, redirect(place.origin, 1 - place.path)),
            7 if hops < 2 && place.origin < 2 => {
                self.redirect(request, redirect(1 - place.origin, place.path))
            }
            8 if hops < 2 && attempt.method == Method::GET => {
                self.redirect(request, redirect(2, 0))
            }
            9 if attempt.access.is_some() => {
                let challenge = r#"Bearer error="insufficient_scope""#;
                Head::new(StatusCode::FORBIDDEN).with("www-authenticate", challenge.to_owned())
            }
            _ => Head::new(StatusCode::OK),
        };
        self.tell(|| what(&format!("the answer will be {}", head.status)));
        Answer::Response(head)
    }

    fn refusal(&mut self, fault: usize) -> Head {
        let head = Head::new(StatusCode::UNAUTHORIZED);
        let head = match fault {
            // Plain, as some servers do it.
            13 => head,
            _ => head.with(
                "www-authenticate",
                r#"Bearer error="invalid_token""#.to_owned(),
            ),
        };
        let head = head.with_body(Bytes::from_static(b"refused"));
        match self.setup.bodies {
            Bodies::WithTheHead => head,
            Bodies::Later => head.with_rest(Rest::Arrives),
        }
    }

    fn redirect(&mut self, request: usize, to: Place) -> Head {
        self.met(match to.origin {
            2 => Situation::RedirectAway,
            _ => Situation::Redirect,
        });
        let location = uri(to, request);
        Head::new(StatusCode::TEMPORARY_REDIRECT).with("location", location)
    }

    fn check_body(&mut self, attempt: &mut Attempt) {
        let request = attempt.request;
        match read(&mut attempt.body) {
            Read::Whole(body) if body == self.ledger.requests[request].sent.bytes(request) => {}
            Read::Whole(body) => self.broken(Promise::P16, || {
                format!(
                    "request {request} was sent with {} bytes of another body",
                    body.len()
                )
            }),
            Read::Broken => self.broken(Promise::P16, || {
                format!("request {request} was sent with a body that breaks off")
            }),
        }
    }
}
