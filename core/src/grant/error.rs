//! The error of a refresh.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::ErrorResponse;

type Source = Box<dyn Error + Send + Sync>;

/// Why a refresh failed. Its [`kind`](Self::kind) decides what the session does next.
///
/// The source must hold no token and nothing that the server wrote: it may end in a log. What the
/// server wrote is in [`answer`](Self::answer).
#[derive(Debug)]
pub struct RefreshError {
    kind: RefreshErrorKind,
    retry_after: Option<Duration>,
    answer: Option<Box<ErrorResponse>>,
    endpoint: Option<Box<str>>,
    source: Source,
}

/// The kinds of [`RefreshError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefreshErrorKind {
    /// The refresh token is not valid any more (`invalid_grant`, [RFC 6749 §5.2]): sign in again.
    ///
    /// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
    Refused,
    /// The token request was rejected, but not because of the refresh token: check the client, the
    /// grant and its endpoint. The refresh was not processed.
    Misconfigured,
    /// The refresh was provably not processed: try again later.
    Transient,
    /// The refresh may have been processed, and its response was lost.
    Unknown,
}

impl RefreshError {
    /// An error for a refresh token that is not valid any more.
    pub fn refused(source: impl Into<Source>) -> Self {
        Self::new(RefreshErrorKind::Refused, source)
    }

    /// An error for a client or a request that is at fault.
    pub fn misconfigured(source: impl Into<Source>) -> Self {
        Self::new(RefreshErrorKind::Misconfigured, source)
    }

    /// An error for a refresh that was provably not processed.
    pub fn transient(source: impl Into<Source>) -> Self {
        Self::new(RefreshErrorKind::Transient, source)
    }

    /// An error for a refresh that may have been processed.
    pub fn unknown(source: impl Into<Source>) -> Self {
        Self::new(RefreshErrorKind::Unknown, source)
    }

    fn new(kind: RefreshErrorKind, source: impl Into<Source>) -> Self {
        Self {
            kind,
            retry_after: None,
            answer: None,
            endpoint: None,
            source: source.into(),
        }
    }

    /// Sets how long the token server asked to wait before the next request.
    #[must_use]
    pub fn with_retry_after(mut self, retry_after: Duration) -> Self {
        self.retry_after = Some(retry_after);
        self
    }

    /// Sets the token server's response.
    #[must_use]
    pub fn with_answer(mut self, answer: ErrorResponse) -> Self {
        self.answer = Some(Box::new(answer));
        self
    }

    /// Sets the endpoint that was called. It may end in a log, so leave out the query and user
    /// information.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: impl Into<Box<str>>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Makes an unknown outcome transient, for a call that spends nothing.
    #[cfg(feature = "session")]
    pub(crate) fn with_nothing_spent(mut self) -> Self {
        self.kind = match self.kind {
            RefreshErrorKind::Unknown => RefreshErrorKind::Transient,
            kind @ (RefreshErrorKind::Refused
            | RefreshErrorKind::Misconfigured
            | RefreshErrorKind::Transient) => kind,
        };
        self
    }

    /// The kind of this error.
    #[must_use]
    pub const fn kind(&self) -> RefreshErrorKind {
        self.kind
    }

    /// The token server's response, if there was one: status, error code and description.
    #[must_use]
    pub fn answer(&self) -> Option<&ErrorResponse> {
        self.answer.as_deref()
    }

    /// The endpoint that was called, without its query.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// How long the token server asked to wait before the next request.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for RefreshError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            RefreshErrorKind::Refused => "the refresh token was refused",
            RefreshErrorKind::Misconfigured => "the token request was rejected",
            RefreshErrorKind::Transient => "the refresh was not processed",
            RefreshErrorKind::Unknown => "the outcome of the refresh is unknown",
        })?;
        match &self.endpoint {
            Some(endpoint) => write!(f, " ({endpoint})"),
            None => Ok(()),
        }
    }
}

impl Error for RefreshError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}
