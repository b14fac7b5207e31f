//! What a server calls the members of its JSON.

use std::borrow::Cow;

type Name = Cow<'static, str>;

/// What the members of a question and of its answer are called.
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
    /// Those of [RFC 6749 §5](https://www.rfc-editor.org/rfc/rfc6749#section-5): `access_token`.
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

    /// The same words as JavaScript writes them: `accessToken`.
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

    /// The refresh token in the question.
    #[must_use]
    pub fn sent_refresh_token(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.sent_refresh_token = name.into();
        self
    }

    /// The access token in the answer.
    #[must_use]
    pub fn access_token(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.access_token = name.into();
        self
    }

    /// The refresh token in the answer.
    #[must_use]
    pub fn refresh_token(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.refresh_token = name.into();
        self
    }

    /// The access token's lifetime, in seconds from now.
    #[must_use]
    pub fn expires_in(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.expires_in = name.into();
        self
    }

    /// The scope.
    #[must_use]
    pub fn scope(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.scope = name.into();
        self
    }

    /// The access token's type.
    #[must_use]
    pub fn token_type(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.token_type = name.into();
        self
    }

    /// The error code of a refusal, such as `invalid_grant`.
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
