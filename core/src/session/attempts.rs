//! The attempts of one request: byte for byte the same, but for the token, and for what the
//! application adds to each.

mod turn;

use http::{HeaderMap, Request, StatusCode};

use super::attempt::Attempt;
use super::judgement::Judgement;
use super::options::Options;
use super::signer::Credential;
use crate::body::Spare;
use crate::machine::{Replay, Sendable};
use crate::{Body, Generation};

/// A request, and what is left of its body.
pub(super) struct Attempts<'a> {
    options: &'a Options,
    head: Request<()>,
    body: Spare,
    /// Attempts of earlier hops, and of this one.
    before: u32,
    made: u32,
    /// What the last attempt was signed with.
    signed: Generation,
}

impl<'a> Attempts<'a> {
    pub(super) fn new(options: &'a Options, request: Request<Body>) -> Self {
        let (parts, body) = request.into_parts();
        Self {
            options,
            head: Request::from_parts(parts, ()),
            body: Spare::new(body),
            before: 0,
            made: 0,
            signed: Generation::FIRST,
        }
    }

    pub(super) fn sendable(&self) -> Sendable {
        if self.options.replays(self.head.method()) && !self.body.is_stream() {
            Sendable::Again
        } else {
            Sendable::Once
        }
    }

    /// The next attempt.
    pub(super) fn sign(&mut self, credential: &Credential) -> Request<Body> {
        let body = self.body.send();
        let body = body.expect("a machine sends again what can be");
        self.made += 1;
        self.signed = credential.generation;
        let mut headers = self.head.headers().clone();
        credential.sign(&mut headers);
        self.options.before_attempt.call(Attempt {
            method: self.head.method(),
            uri: self.head.uri(),
            headers: &mut headers,
            extensions: self.head.extensions(),
            body: body.as_bytes(),
            number: self.made,
            generation: credential.generation,
        });
        // Again: the application has been there.
        credential.sign(&mut headers);
        self.request(headers, body)
    }

    /// The next hop, with nothing of the session's.
    pub(super) fn unsigned(&mut self) -> Request<Body> {
        let body = self.body.send();
        let body = body.expect("an itinerary sends again what can be");
        self.made += 1;
        self.request(self.head.headers().clone(), body)
    }

    fn request(&self, headers: HeaderMap, body: Body) -> Request<Body> {
        let mut request = Request::new(body);
        *request.method_mut() = self.head.method().clone();
        *request.uri_mut() = self.head.uri().clone();
        *request.version_mut() = self.head.version();
        *request.extensions_mut() = self.head.extensions().clone();
        *request.headers_mut() = headers;
        request
    }

    pub(super) const fn have_begun(&self) -> bool {
        self.made > 0
    }

    /// How often the request was sent before the last attempt, its earlier hops among them.
    pub(super) const fn resends(&self) -> u32 {
        (self.before + self.made).saturating_sub(1)
    }

    /// What the last attempt was signed with.
    pub(super) const fn generation(&self) -> Generation {
        self.signed
    }

    /// What an answer says about the token of its attempt.
    pub(super) fn judge(&self, status: StatusCode, headers: &HeaderMap) -> Judgement {
        self.options.judge.judge(status, headers)
    }

    /// Whether the attempt that was refused can be made again. A stream that nobody has begun is
    /// taken back for it.
    pub(super) fn replay(&mut self) -> Replay {
        if !self.options.replays(self.head.method()) {
            Replay::MethodExcluded
        } else if self.body.is_there() {
            Replay::Allowed
        } else {
            Replay::BodyConsumed
        }
    }
}
