//! The servers: one that gives out tokens, and those that accept them.
//!
//! Tokens are numbers here: the access token `a7` and the refresh token `r7`.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body::Body as _;
use reauth::{Body, Failure, Token, TokenUse};

use crate::calls::{Answer, Asked, Attempt, Call, Head, Place, Rest, Stage};
use crate::ledger::{Promise, Said};
use crate::setup::{Bodies, GRACE, Rotation, Setup};
use crate::situations::Situation;
use crate::world::State;

#[derive(Debug, Default)]
pub(crate) struct Servers {
    pub(crate) sign_ins: Vec<SignIn>,
    accesses: Vec<Access>,
    refreshes: Vec<Refresh>,
}

/// All tokens that follow from one sign-in.
#[derive(Debug, Default)]
pub(crate) struct SignIn {
    revoked: bool,
    newest: Option<u32>,
    /// Why a session may have lost it, if it may.
    pub(crate) excuse: Option<&'static str>,
}

#[derive(Debug)]
struct Access {
    sign_in: usize,
    expires: Option<u64>,
    revoked: bool,
}

#[derive(Debug)]
struct Refresh {
    sign_in: usize,
    /// When it was used first, and the one that followed.
    used: Option<(u64, u32)>,
}

/// The numbers of an access token and a refresh token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pair {
    pub(crate) access: Option<u32>,
    pub(crate) refresh: Option<u32>,
}

/// What a token server did.
enum Traded {
    Granted(Pair),
    Refused,
    /// It took it for theft, and revoked the sign-in.
    Reused,
}

impl Pair {
    pub(crate) fn of(token: &Token) -> Self {
        Self {
            access: number(token.access_token()),
            refresh: token.refresh_token().and_then(number),
        }
    }

    pub(crate) fn token(self) -> Token {
        let refresh = self.refresh.map(|number| format!("r{number}"));
        let refresh = refresh.unwrap_or_default();
        let token = match self.access {
            Some(access) => {
                Token::new(format!("a{access}")).map(|it| it.with_refresh_token(refresh))
            }
            None => Token::from_refresh_token(refresh),
        };
        token.expect("a number makes a token")
    }
}

impl std::fmt::Display for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.access {
            Some(access) => write!(f, "a{access}")?,
            None => write!(f, "-")?,
        }
        match self.refresh {
            Some(refresh) => write!(f, "/r{refresh}"),
            None => write!(f, "/-"),
        }
    }
}

/// The number of a token.
pub(crate) fn number(token: &str) -> Option<u32> {
    token.get(1..)?.parse().ok()
}

fn at(number: u32) -> usize {
    number as usize - 1
}

impl Servers {
    /// Somebody signs in.
    pub(crate) fn sign_in(&mut self, now: u64, setup: Setup) -> Pair {
        self.sign_ins.push(SignIn::default());
        self.grant(self.sign_ins.len() - 1, now, setup)
    }

    fn grant(&mut self, sign_in: usize, now: u64, setup: Setup) -> Pair {
        self.refreshes.push(Refresh {
            sign_in,
            used: None,
        });
        let refresh = self.refreshes.len() as u32;
        self.sign_ins[sign_in].newest = Some(refresh);
        Pair {
            access: Some(self.grant_access(sign_in, now, setup)),
            refresh: Some(refresh),
        }
    }

    fn grant_access(&mut self, sign_in: usize, now: u64, setup: Setup) -> u32 {
        let millis = |lifetime: Duration| now + lifetime.as_millis() as u64;
        self.accesses.push(Access {
            sign_in,
            expires: setup.lifetime.map(millis),
            revoked: false,
        });
        self.accesses.len() as u32
    }

    fn trade(&mut self, refresh: u32, now: u64, setup: Setup) -> Traded {
        let (sign_in, used) = {
            let refresh = &self.refreshes[at(refresh)];
            (refresh.sign_in, refresh.used)
        };
        if self.sign_ins[sign_in].revoked {
            return Traded::Refused;
        }
        match (setup.rotation, used) {
            (Rotation::Keeps, _) => Traded::Granted(Pair {
                access: Some(self.grant_access(sign_in, now, setup)),
                refresh: Some(refresh),
            }),
            (Rotation::WithGrace, Some((first, successor)))
                if now < first + GRACE.as_millis() as u64 =>
            {
                Traded::Granted(Pair {
                    access: Some(self.grant_access(sign_in, now, setup)),
                    refresh: Some(successor),
                })
            }
            (Rotation::Rotates | Rotation::WithGrace, Some(_)) => {
                self.revoke(sign_in);
                Traded::Reused
            }
            (Rotation::Rotates | Rotation::WithGrace, None) => {
                let granted = self.grant(sign_in, now, setup);
                let successor = granted.refresh.unwrap_or_default();
                self.refreshes[at(refresh)].used = Some((now, successor));
                Traded::Granted(granted)
            }
        }
    }

    pub(crate) fn revoke(&mut self, sign_in: usize) {
        self.sign_ins[sign_in].revoked = true;
        for access in &mut self.accesses {
            access.revoked |= access.sign_in == sign_in;
        }
    }

    /// Access tokens are accepted no longer.
    pub(crate) fn revoke_accesses(&mut self) {
        for access in &mut self.accesses {
            access.revoked = true;
        }
    }

    pub(crate) fn accepts(&self, access: u32, now: u64) -> bool {
        let access = &self.accesses[at(access)];
        !access.revoked && access.expires.is_none_or(|expires| now < expires)
    }

    pub(crate) fn has_expired(&self, access: u32, now: u64) -> bool {
        self.accesses[at(access)]
            .expires
            .is_some_and(|expires| now >= expires)
    }

    pub(crate) fn sign_in_of(&self, access: u32) -> usize {
        self.accesses[at(access)].sign_in
    }

    pub(crate) fn sign_in_of_refresh(&self, refresh: u32) -> usize {
        self.refreshes[at(refresh)].sign_in
    }

    pub(crate) fn sign_in_of_pair(&self, pair: Pair) -> Option<usize> {
        match (pair.access, pair.refresh) {
            (Some(access), _) => Some(self.sign_in_of(access)),
            (None, Some(refresh)) => Some(self.sign_in_of_refresh(refresh)),
            (None, None) => None,
        }
    }

    pub(crate) fn excuse(&mut self, sign_in: usize, why: &'static str) {
        self.sign_ins[sign_in].excuse.get_or_insert(why);
    }
}

/// What can happen to a call of the token server; 0 is the usual.
pub(crate) const TOKEN_FAULTS: usize = 15;

/// What can happen to an attempt; 0 is the usual.
pub(crate) const ATTEMPT_FAULTS: usize = 14;

impl State {
    /// A call arrives at the token server.
    pub(crate) fn token_call(&mut self, call: &mut Call, fault: usize) -> Answer {
        let Asked::TokenCall { body } = &mut call.asked else {
            unreachable!("it is a token call");
        };
        let holder = call.holder;
        if fault == 3 {
            self.tell(|| {
                format!(
                    "  P{}'s call to the token server finds no connection",
                    holder.process
                )
            });
            self.met(Situation::TokenCallWithoutConnection);
            call.said = Said::NotProcessed;
            return Answer::Failed(Failure::Connect);
        }
        let late = matches!(call.stage, Stage::GivenUp);
        let refresh = match read(body) {
            Read::Whole(body) => refresh_token(&body),
            Read::Broken => {
                self.tell(|| format!("  P{}'s abandoned token call is not sent", holder.process));
                self.met(Situation::AbandonedCallNotSent);
                return Answer::Failed(Failure::Other);
            }
        };
        let Some(refresh) = refresh else {
            self.broken(Promise::P9, || {
                "a token call without a refresh token".to_owned()
            });
            return Answer::Failed(Failure::Other);
        };
        call.refresh = Some(refresh);
        self.sent(holder, refresh);
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

    /// An attempt arrives at a resource server.
    pub(crate) fn attempt_arrives(&mut self, attempt: &mut Attempt, fault: usize) -> Answer {
        let Attempt {
            request,
            place,
            number,
            ..
        } = *attempt;
        let what = |what: &str| format!("  request {request}, attempt {number}: {what}");
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

/// The address of a request.
pub(crate) fn uri(place: Place, request: usize) -> String {
    let origin = [b'a', b'b', b'c'][usize::from(place.origin)] as char;
    format!("https://{origin}.test/p{}?{request}", place.path)
}

impl Head {
    pub(crate) const fn new(status: StatusCode) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
            rest: None,
        }
    }

    fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    fn with_retry_after(self, value: Option<&'static str>) -> Self {
        match value {
            Some(value) => self.with("retry-after", value.to_owned()),
            None => self,
        }
    }

    fn with_body(mut self, body: Bytes) -> Self {
        self.body = body;
        self
    }

    const fn with_rest(mut self, rest: Rest) -> Self {
        self.rest = Some(rest);
        self
    }
}

enum Read {
    Whole(Bytes),
    Broken,
}

/// Reads a body, which has everything ready.
fn read(body: &mut Body) -> Read {
    let mut whole = Bytes::new();
    loop {
        let frame =
            std::pin::Pin::new(&mut *body).poll_frame(&mut Context::from_waker(Waker::noop()));
        match frame {
            Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) if whole.is_empty() => whole = data,
                Ok(data) => whole = [whole, data].concat().into(),
                Err(_trailers) => {}
            },
            Poll::Ready(None) => return Read::Whole(whole),
            Poll::Ready(Some(Err(_))) | Poll::Pending => return Read::Broken,
        }
    }
}

/// The number of the refresh token in the body of a token request.
fn refresh_token(body: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, after) = text.rsplit_once(":\"")?;
    let (token, _) = after.split_once('"')?;
    number(token)
}
