//! A token with the header that carries it: made once for each token, shared by all requests.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{Generation, Scheme, Token};

/// The session's [`Scheme`], and its header: read once, so that all attempts agree.
pub(super) struct Signer {
    scheme: Arc<dyn Scheme>,
    header: HeaderName,
}

/// A token, ready to be attached.
pub(super) struct SigningToken {
    pub(super) token: Arc<Token>,
    pub(super) header: HeaderName,
    pub(super) value: HeaderValue,
}

/// A token and its generation, read under one lock so that they belong together.
#[derive(Clone)]
pub(super) struct Credential {
    pub(super) generation: Generation,
    pub(super) token: Arc<SigningToken>,
}

impl Signer {
    pub(super) fn new(scheme: Arc<dyn Scheme>) -> Self {
        let header = scheme.header();
        Self { scheme, header }
    }

    pub(super) const fn header(&self) -> &HeaderName {
        &self.header
    }

    /// Prepares a token. Call it outside of every lock: the scheme may be the application's.
    pub(super) fn with(&self, token: Arc<Token>) -> Arc<SigningToken> {
        let mut value = match token.signs() {
            true => self.scheme.value(token.access_token()),
            false => HeaderValue::from_static(""),
        };
        value.set_sensitive(true);
        Arc::new(SigningToken {
            token,
            header: self.header.clone(),
            value,
        })
    }
}

impl Credential {
    /// Sets the session's header, and removes any other value of it.
    #[inline]
    pub(super) fn sign(&self, headers: &mut HeaderMap) {
        headers.insert(self.token.header.clone(), self.token.value.clone());
    }
}
