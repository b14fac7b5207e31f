//! A token, and the header that it makes of a request: prepared once, shared by all.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{Generation, Scheme, Token};

/// How a session signs, and with which header: asked once, so that all attempts agree.
pub(super) struct Signer {
    scheme: Arc<dyn Scheme>,
    header: HeaderName,
}

/// A token that signs.
pub(super) struct SigningToken {
    pub(super) token: Arc<Token>,
    pub(super) header: HeaderName,
    pub(super) value: HeaderValue,
}

/// A token that signs, and its generation: read together, so that they belong together.
#[derive(Clone)]
pub(super) struct Credential {
    pub(super) generation: Generation,
    pub(super) signer: Arc<SigningToken>,
}

impl Signer {
    pub(super) fn new(scheme: Arc<dyn Scheme>) -> Self {
        let header = scheme.header();
        Self { scheme, header }
    }

    pub(super) const fn header(&self) -> &HeaderName {
        &self.header
    }

    /// To be called outside of every lock: a scheme may be the application's.
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
    /// One credential, and the session's: whatever had its name is gone.
    #[inline]
    pub(super) fn sign(&self, headers: &mut HeaderMap) {
        headers.insert(self.signer.header.clone(), self.signer.value.clone());
    }
}
