//! What a token server answers.

use std::time::Duration;

use super::{InvalidToken, Secret, Token, without_scheme};

/// An access token response ([RFC 6749 §5.1]): what a refresh brought.
///
/// [RFC 6749 §5.1]: https://www.rfc-editor.org/rfc/rfc6749#section-5.1
#[derive(Clone, Debug)]
pub struct TokenResponse {
    /// Without an expiry: the answer has a duration, and when it begins is not known here.
    pub(super) token: Token,
    pub(super) expires_in: Option<Duration>,
}

impl TokenResponse {
    /// A response that brings an access token and no more. Some servers put the name of its scheme
    /// before it, which is left out.
    ///
    /// # Errors
    ///
    /// Where it is empty, or holds what is not printable ASCII.
    pub fn new(access_token: impl Into<String>) -> Result<Self, InvalidToken> {
        let access_token = Secret::trimmed(access_token.into());
        let text = access_token.expose();
        Ok(Self {
            token: Token::new(without_scheme(text).unwrap_or(text))?,
            expires_in: None,
        })
    }

    /// Adds `refresh_token`; an empty one is none, and the session keeps its own.
    #[must_use]
    pub fn with_refresh_token(mut self, refresh_token: impl Into<String>) -> Self {
        self.token = self.token.with_refresh_token(refresh_token);
        self
    }

    /// Adds `expires_in`; zero is none, and the session relies on the 401.
    #[must_use]
    pub fn with_expires_in(mut self, expires_in: Duration) -> Self {
        self.expires_in = (!expires_in.is_zero()).then_some(expires_in);
        self
    }

    /// Adds `scope`.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        self.token = self.token.with_scope(scope);
        self
    }

    /// Adds `token_type`.
    #[must_use]
    pub fn with_token_type(mut self, token_type: impl Into<String>) -> Self {
        self.token = self.token.with_token_type(token_type);
        self
    }

    /// Adds another member of the answer, to be kept with the token
    /// ([`Token::extra`]).
    #[must_use]
    pub fn with_extra(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.token = self.token.with_extra(name, value);
        self
    }

    /// `expires_in`.
    #[must_use]
    pub const fn expires_in(&self) -> Option<Duration> {
        self.expires_in
    }

    /// `access_token`, in clear.
    #[must_use]
    pub fn access_token(&self) -> &str {
        self.token.access_token()
    }

    /// `refresh_token`, in clear.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&str> {
        self.token.refresh_token()
    }
}
