//! Why a refresh brought no token.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::ErrorResponse;

type Source = Box<dyn Error + Send + Sync>;

/// Why a refresh brought no token, and so what may be done next.
///
/// The source says more; it must hold no token, and nothing that the server wrote. What the server
/// wrote is in [`answer`](Self::answer), for whoever asks for it.
#[derive(Debug)]
pub struct RefreshError {
    kind: RefreshErrorKind,
    retry_after: Option<Duration>,
    answer: Option<Box<ErrorResponse>>,
    endpoint: Option<Box<str>>,
    source: Source,
}

/// The classes of [`RefreshError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefreshErrorKind {
    /// The refresh token is refused for good (`invalid_grant`, [RFC 6749 §5.2]): sign in again.
    ///
    /// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
    Refused,
    /// The token request was rejected, and nothing says that the token is at fault: check the
    /// client, the grant and its endpoint. The refresh was not processed.
    Misconfigured,
    /// The refresh was provably not processed: try again later.
    Transient,
    /// The refresh may have been processed, and its answer is lost.
    Unknown,
}

impl RefreshErrorKind {
    /// Whether the refresh token may be one that somebody has used: of a client that is said to be
    /// at fault, too, since servers say that of anything.
    #[cfg(feature = "session")]
    pub(crate) const fn may_be_spent(self) -> bool {
        match self {
            Self::Refused | Self::Unknown | Self::Misconfigured => true,
            Self::Transient => false,
        }
    }
}

impl RefreshError {
    /// The refresh token is refused for good.
    pub fn refused(source: impl Into<Source>) -> Self {
        Self::new(RefreshErrorKind::Refused, source)
    }

    /// The client is at fault.
    pub fn misconfigured(source: impl Into<Source>) -> Self {
        Self::new(RefreshErrorKind::Misconfigured, source)
    }

    /// The refresh was provably not processed.
    pub fn transient(source: impl Into<Source>) -> Self {
        Self::new(RefreshErrorKind::Transient, source)
    }

    /// The refresh may have been processed.
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

    /// Adds how long the token server asks to be left alone.
    #[must_use]
    pub fn with_retry_after(mut self, retry_after: Duration) -> Self {
        self.retry_after = Some(retry_after);
        self
    }

    /// Adds what the token server answered.
    #[must_use]
    pub fn with_answer(mut self, answer: ErrorResponse) -> Self {
        self.answer = Some(Box::new(answer));
        self
    }

    /// Adds which endpoint was asked. It may end in a log, so it must hold no secret: no query,
    /// and no user information.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: impl Into<Box<str>>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// An answer that is lost costs nothing then: it is asked for again.
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

    /// Its class.
    #[must_use]
    pub const fn kind(&self) -> RefreshErrorKind {
        self.kind
    }

    /// What the token server answered, where it did: its status, its error code and description.
    #[must_use]
    pub fn answer(&self) -> Option<&ErrorResponse> {
        self.answer.as_deref()
    }

    /// Which endpoint was asked, without its query.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// How long the token server asks to be left alone.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for RefreshError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            RefreshErrorKind::Refused => "the refresh was refused",
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
