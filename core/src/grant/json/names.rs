//! The names of the JSON members of a token request and its response.

use std::borrow::Cow;

type Name = Cow<'static, str>;

/// The names of the JSON members of a token request and its response.
#[derive(Clone, Debug)]
pub struct JsonNames {
    pub(in crate::grant) sent_refresh_token: Name,
    pub(in crate::grant) access_token: Name,
    pub(in crate::grant) refresh_token: Name,
    pub(in crate::grant) expires_in: Name,
    pub(in crate::grant) scope: Name,
    pub(in crate::grant) token_type: Name,
    pub(in crate::grant) error: Name,
}

impl JsonNames {
    /// The names of [RFC 6749 §5](https://www.rfc-editor.org/rfc/rfc6749#section-5): `access_token`.
    #[must_use]
    pub const fn snake_case() -> Self {
        Self {
            sent_refresh_token: Cow::Borrowed("refresh_token"),
            access_token: Cow::Borrowed("access_token"),
            refresh_token: Cow::Borrowed("refresh_token"),
            expires_in: Cow::Borrowed("expires_in"),
            scope: Cow::Borrowed("scope"),
            token_type: Cow::Borrowed("token_type"),
            error: Cow::Borrowed("error"),
        }
    }

    /// The same names in camel case: `accessToken`.
    #[must_use]
    pub const fn camel_case() -> Self {
        Self {
            sent_refresh_token: Cow::Borrowed("refreshToken"),
            access_token: Cow::Borrowed("accessToken"),
            refresh_token: Cow::Borrowed("refreshToken"),
            expires_in: Cow::Borrowed("expiresIn"),
            scope: Cow::Borrowed("scope"),
            token_type: Cow::Borrowed("tokenType"),
            error: Cow::Borrowed("error"),
        }
    }

    /// Sets the name of the refresh token in the request.
    #[must_use]
    pub fn sent_refresh_token(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.sent_refresh_token = name.into();
        self
    }

    /// Sets the name of the access token in the response.
    #[must_use]
    pub fn access_token(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.access_token = name.into();
        self
    }

    /// Sets the name of the refresh token in the response.
    #[must_use]
    pub fn refresh_token(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.refresh_token = name.into();
        self
    }

    /// Sets the name of the access token's lifetime, in seconds.
    #[must_use]
    pub fn expires_in(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.expires_in = name.into();
        self
    }

    /// Sets the name of the scope.
    #[must_use]
    pub fn scope(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.scope = name.into();
        self
    }

    /// Sets the name of the token type.
    #[must_use]
    pub fn token_type(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.token_type = name.into();
        self
    }

    /// Sets the name of the error code, such as `invalid_grant`.
    #[must_use]
    pub fn error(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.error = name.into();
        self
    }
}

impl Default for JsonNames {
    fn default() -> Self {
        Self::snake_case()
    }
}
