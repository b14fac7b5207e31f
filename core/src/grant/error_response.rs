//! What a token server answered in the place of a token, for an application that asks.

use std::fmt;

use bytes::Bytes;
use http::StatusCode;

/// The answer of a token server that brought no token ([RFC 6749 §5.2]), from
/// [`RefreshError::answer`](super::RefreshError::answer).
///
/// `Debug` shows its status alone: what a server wrote may hold a secret, and belongs into no log
/// unless its application has read it.
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
    /// An answer with this status and body, of which nothing was read: for a
    /// [`Grant`](crate::Grant) with a format of its own.
    #[must_use]
    pub const fn new(status: StatusCode, body: Bytes) -> Self {
        Self {
            status,
            code: None,
            description: None,
            body,
        }
    }

    /// Adds the error code, as the server wrote it.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Adds what the server wrote for a developer.
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

    /// The error code, such as `invalid_grant`, wherever the answer has it.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// What the server wrote for a developer: `error_description`, or what stands in its place.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// The body, up to 64 KiB of it; of a success only while it is read
    /// ([`JsonGrant::dead_when`](crate::JsonGrant::dead_when)).
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
