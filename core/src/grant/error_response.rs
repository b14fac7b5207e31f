//! The error response of a token server.

use std::fmt;

use bytes::Bytes;
use http::StatusCode;

/// The response of a token server without a token ([RFC 6749 §5.2]), from
/// [`RefreshError::answer`](super::RefreshError::answer).
///
/// `Debug` shows the status only: what the server wrote may hold a secret.
///
/// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
#[derive(Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    status: StatusCode,
    code: Option<String>,
    description: Option<String>,
    body: Bytes,
}

impl ErrorResponse {
    /// A response with this status and body, for a [`Grant`](crate::Grant) with its own format. Add
    /// what was read with `with_code` and `with_description`.
    #[must_use]
    pub const fn new(status: StatusCode, body: Bytes) -> Self {
        Self {
            status,
            code: None,
            description: None,
            body,
        }
    }

    /// Sets the error code, as the server wrote it.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Sets the error description, as the server wrote it.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    #[cfg(feature = "json")]
    pub(super) fn without_body(mut self) -> Self {
        self.body = Bytes::new();
        self
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The error code, such as `invalid_grant`, from wherever it is in the response.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The error description: `error_description`, or what the server sends instead.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// The body, up to 64 KiB. The body of a success, which may hold a token, is available only in
    /// [`JsonGrant::dead_when`](crate::JsonGrant::dead_when).
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Debug for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorResponse")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
