//! The attempts of one request: byte for byte the same, but for the token.

use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};

use crate::machine::Replay;
use crate::{Body, Generation};

/// A token that signs, and its generation: read together, so that they belong together.
#[derive(Clone)]
pub(super) struct Credential {
    pub(super) generation: Generation,
    pub(super) authorization: HeaderValue,
}

/// What is left to send of a request.
pub(super) struct Attempts(Option<Request<Body>>);

impl Attempts {
    pub(super) fn new(request: Request<Body>) -> Self {
        Self(Some(request))
    }

    /// The next attempt.
    pub(super) fn sign(&mut self, credential: Credential) -> Request<Body> {
        let mut request = self.0.take().expect("a machine sends again what can be");
        self.0 = copy(&request);
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, credential.authorization);
        request
    }

    pub(super) fn replay(&self) -> Replay {
        match self.0 {
            Some(_) => Replay::Allowed,
            None => Replay::Forbidden,
        }
    }
}

fn copy(request: &Request<Body>) -> Option<Request<Body>> {
    let mut copy = Request::new(request.body().try_clone()?);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    *copy.extensions_mut() = request.extensions().clone();
    Some(copy)
}
