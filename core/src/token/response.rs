//! An access token response.

use std::time::Duration;

use super::{InvalidToken, Secret, Token, without_scheme};

/// An access token response ([RFC 6749 §5.1]): the result of a refresh.
///
/// [RFC 6749 §5.1]: https://www.rfc-editor.org/rfc/rfc6749#section-5.1
#[derive(Clone, Debug)]
pub struct TokenResponse {
    /// Without an expiry: the response has a duration, and its start is not known here.
    pub(super) token: Token,
    pub(super) expires_in: Option<Duration>,
}

impl TokenResponse {
    /// A response with this access token and nothing else. A leading scheme name such as `Bearer`,
    /// which some servers send, is removed.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] if it is empty or has characters other than printable ASCII.
    pub fn new(access_token: impl Into<String>) -> Result<Self, InvalidToken> {
        let access_token = Secret::trimmed(access_token.into());
        let text = access_token.expose();
        Ok(Self {
            token: Token::new(without_scheme(text).unwrap_or(text))?,
            expires_in: None,
        })
    }

    /// Sets `refresh_token`. If it is empty, the session keeps its own.
    #[must_use]
    pub fn with_refresh_token(mut self, refresh_token: impl Into<String>) -> Self {
        self.token = self.token.with_refresh_token(refresh_token);
        self
    }

    /// Sets `expires_in`. Zero means unknown: the session relies on the 401.
    #[must_use]
    pub fn with_expires_in(mut self, expires_in: Duration) -> Self {
        self.expires_in = (!expires_in.is_zero()).then_some(expires_in);
        self
    }

    /// Sets `scope`.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        self.token = self.token.with_scope(scope);
        self
    }

    /// Sets `token_type`.
    #[must_use]
    pub fn with_token_type(mut self, token_type: impl Into<String>) -> Self {
        self.token = self.token.with_token_type(token_type);
        self
    }

    /// Sets another member of the response, which is kept with the token ([`Token::extra`]).
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
