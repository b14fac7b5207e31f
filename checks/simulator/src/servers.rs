//! The servers: one that gives out tokens, and those that accept them.
//!
//! Tokens are numbers here: the access token `a7` and the refresh token `r7`.

mod resource_server;
mod token_server;

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body::Body as _;
use reauth::{Body, Token};

use crate::calls::{Head, Place, Rest};
use crate::setup::{GRACE, Rotation, Setup};

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

    /// The newest refresh token of a sign-in.
    pub(crate) fn newest_of(&self, sign_in: usize) -> Option<u32> {
        self.sign_ins[sign_in].newest
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
pub(crate) const TOKEN_FAULTS: usize = 17;
const NO_CONNECTION: usize = 3;

/// What can happen to an attempt; 0 is the usual.
pub(crate) const ATTEMPT_FAULTS: usize = 15;

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
