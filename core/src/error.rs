//! The error of `execute`.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::Transport;
use crate::{Failure, RefreshError, RefreshErrorKind};

/// Why a session returned no response: it could not get the token that it needed, or the transport
/// failed.
///
/// It holds no token. Its source is an error of the transport or of the store, or the
/// [`RefreshError`], which all requests that waited for one refresh share.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    source: Option<Source>,
    refused: Option<Response<Bytes>>,
    retry_after: Option<Duration>,
    sent: Sent,
}

/// What the server may have processed before the error.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Nothing,
    /// Requests that were answered with a redirect.
    Hops,
}

#[derive(Debug)]
enum Source {
    Own(Box<dyn StdError + Send + Sync>),
    Shared(Arc<RefreshError>),
}

/// The kinds of [`Error`], and what the caller can do about each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request is invalid. Nothing was sent.
    InvalidRequest,
    /// The request's URL is not within the session's [`origin`](crate::SessionBuilder::origin)s.
    /// Nothing was sent.
    OriginNotAllowed,
    /// The session has no token: sign in.
    SignedOut,
    /// The refresh token was refused: sign in again.
    SessionExpired,
    /// The response to a refresh was lost, and the refresh token may be spent. With a
    /// [`retry_after`](Error::retry_after) the session refreshes once more after that time; without
    /// one, sign in again.
    RefreshUnknown,
    /// The refresh was not processed, and nothing is lost: try again later.
    RefreshUnavailable,
    /// The token request was rejected, but not because of the refresh token: check the grant, its
    /// client and its endpoint. The session asks again after a pause.
    RefreshMisconfigured,
    /// The session reached its [`refresh_limit`](crate::SessionBuilder::refresh_limit): try again
    /// later.
    RefreshLimit,
    /// Too many requests are waiting for a new token
    /// ([`max_waiting`](crate::SessionBuilder::max_waiting)): try again later.
    TooManyWaiting,
    /// The session was signed in or out while the request waited, here or in another session that
    /// shares the store. The request is not sent under another identity.
    Superseded,
    /// There was no connection. Nothing was sent.
    Connect,
    /// The server said that it did not process the request
    /// ([RFC 9113 §8.7](https://www.rfc-editor.org/rfc/rfc9113#section-8.7)), and the client did
    /// not resend it: try again.
    NotProcessed,
    /// A time limit was reached. The request may have been processed.
    Timeout,
    /// The transport failed in another way. The request may have been processed.
    Transport,
    /// The request was redirected more often than
    /// [`redirects`](crate::SessionBuilder::redirects) allows. The source is a
    /// [`RedirectChain`](crate::RedirectChain).
    TooManyRedirects,
    /// The store failed. The session continues with the token it has.
    Store,
    /// A blocking call was made inside an async task, where it would block the runtime. Nothing was
    /// done: use the async session there.
    InsideRuntime,
}

impl Error {
    /// An error for a request that an adapter could not convert. Nothing was sent.
    pub fn invalid_request(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(ErrorKind::InvalidRequest).because(source)
    }

    /// An error for a blocking call inside an async task. Nothing was done.
    #[must_use]
    pub fn inside_runtime() -> Self {
        Self::new(ErrorKind::InsideRuntime)
    }

    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner {
            kind,
            source: None,
            refused: None,
            retry_after: None,
            sent: Sent::Nothing,
        }))
    }

    pub(crate) fn of_transport<T: Transport>(error: T::Error) -> Self {
        Self::transport(T::failure(&error), error)
    }

    pub(crate) fn transport(
        failure: Failure,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        let kind = match failure {
            Failure::Invalid => ErrorKind::InvalidRequest,
            Failure::Connect => ErrorKind::Connect,
            Failure::NotProcessed => ErrorKind::NotProcessed,
            Failure::Timeout => ErrorKind::Timeout,
            Failure::Other => ErrorKind::Transport,
        };
        Self::new(kind).because(source)
    }

    pub(crate) fn refresh(source: Arc<RefreshError>) -> Self {
        let kind = match source.kind() {
            RefreshErrorKind::Refused => ErrorKind::SessionExpired,
            RefreshErrorKind::Misconfigured => ErrorKind::RefreshMisconfigured,
            RefreshErrorKind::Transient => ErrorKind::RefreshUnavailable,
            RefreshErrorKind::Unknown => ErrorKind::RefreshUnknown,
        };
        let mut error = Self::new(kind);
        error.0.source = Some(Source::Shared(source));
        error
    }

    pub(crate) fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Source::Own(source.into()));
        self
    }

    pub(crate) fn with_refused(mut self, refused: Option<Response<Bytes>>) -> Self {
        self.0.refused = refused;
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Duration) -> Self {
        self.0.retry_after = Some(retry_after);
        self
    }

    pub(crate) fn behind_a_redirect(mut self) -> Self {
        self.0.sent = Sent::Hops;
        self
    }

    /// The kind of this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The source by value, if it has this type: for the transport's own error.
    ///
    /// # Errors
    ///
    /// This error itself, if its source has another type.
    pub fn downcast_source<E: StdError + 'static>(mut self) -> Result<E, Self> {
        match self.0.source.take() {
            Some(Source::Own(source)) => {
                source.downcast().map(|source| *source).map_err(|source| {
                    self.0.source = Some(Source::Own(source));
                    self
                })
            }
            source @ (Some(Source::Shared(_)) | None) => {
                self.0.source = source;
                Err(self)
            }
        }
    }

    /// The 401 that preceded this error, if any: its head, and up to 64 KiB of its body.
    #[must_use]
    pub fn refused(&self) -> Option<&Response<Bytes>> {
        self.0.refused.as_ref()
    }

    /// Why the refresh that this request needed failed: the token server's response, and the
    /// endpoint.
    #[must_use]
    pub fn refresh_error(&self) -> Option<&RefreshError> {
        match &self.0.source {
            Some(Source::Shared(error)) => Some(error),
            Some(Source::Own(_)) | None => None,
        }
    }

    /// How long until the session may refresh again, counted from when this error was made.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the user must sign in again.
    #[must_use]
    pub fn is_session_expired(&self) -> bool {
        match self.0.kind {
            ErrorKind::SignedOut | ErrorKind::SessionExpired => true,
            ErrorKind::RefreshUnknown => !self.asks_again(),
            ErrorKind::InvalidRequest
            | ErrorKind::OriginNotAllowed
            | ErrorKind::RefreshUnavailable
            | ErrorKind::RefreshMisconfigured
            | ErrorKind::RefreshLimit
            | ErrorKind::TooManyWaiting
            | ErrorKind::Superseded
            | ErrorKind::Connect
            | ErrorKind::NotProcessed
            | ErrorKind::Timeout
            | ErrorKind::Transport
            | ErrorKind::TooManyRedirects
            | ErrorKind::Store
            | ErrorKind::InsideRuntime => false,
        }
    }

    /// Whether the request was not processed and may succeed later. `false` for a request that was
    /// redirected: the server that redirected it may have processed it.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.0.kind {
            ErrorKind::RefreshUnavailable
            | ErrorKind::RefreshLimit
            | ErrorKind::TooManyWaiting
            | ErrorKind::Connect
            | ErrorKind::NotProcessed => self.0.sent == Sent::Nothing,
            ErrorKind::RefreshUnknown => self.asks_again() && self.0.sent == Sent::Nothing,
            ErrorKind::InvalidRequest
            | ErrorKind::OriginNotAllowed
            | ErrorKind::SignedOut
            | ErrorKind::SessionExpired
            | ErrorKind::RefreshMisconfigured
            | ErrorKind::Superseded
            | ErrorKind::Timeout
            | ErrorKind::Transport
            | ErrorKind::TooManyRedirects
            | ErrorKind::Store
            | ErrorKind::InsideRuntime => false,
        }
    }

    /// Whether the session refreshes again after a pause.
    fn asks_again(&self) -> bool {
        self.0.retry_after.is_some()
    }

    /// Whether a time limit was reached.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// Whether there was no connection to the resource server.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.0.kind == ErrorKind::Connect
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The refused response's headers and body may hold secrets: they stay out of logs.
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("source", &self.0.source)
            .field("refused", &self.refused().map(Response::status))
            .field("retry_after", &self.0.retry_after)
            .finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.kind {
            ErrorKind::InvalidRequest => "the request is invalid",
            ErrorKind::OriginNotAllowed => {
                "the session may not send its token to the request's URL"
            }
            ErrorKind::SignedOut => "the session has no token: sign in",
            ErrorKind::SessionExpired => "the session has ended: sign in again",
            ErrorKind::RefreshUnknown if self.asks_again() => {
                "the response to a refresh was lost: the session refreshes once more later"
            }
            ErrorKind::RefreshUnknown => {
                "the response to a refresh was lost, and the refresh token may be spent: sign in again"
            }
            ErrorKind::RefreshUnavailable => "the token could not be refreshed: try again later",
            ErrorKind::RefreshMisconfigured => {
                "the token could not be refreshed: check the grant, its client and its endpoint"
            },
            ErrorKind::RefreshLimit => {
                "the session reached its refresh_limit: try again later, or raise it"
            }
            ErrorKind::TooManyWaiting => {
                "too many requests are waiting for a new token: try again later, or raise max_waiting"
            }
            ErrorKind::Superseded => "the session was signed in or out while the request waited",
            ErrorKind::Connect => "could not connect to the server",
            ErrorKind::NotProcessed => "the server did not process the request: try again",
            ErrorKind::Timeout => "the request timed out",
            ErrorKind::Transport => "the transport failed: the request may have been processed",
            ErrorKind::TooManyRedirects => {
                "the request was redirected more often than the setting redirects allows"
            }
            ErrorKind::Store => "the store failed to save or erase the token: check the store",
            ErrorKind::InsideRuntime => {
                "a blocking call would block the async runtime: use the async session there"
            }
        })
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self.0.source.as_ref()? {
            Source::Own(source) => Some(&**source),
            Source::Shared(source) => Some(&**source),
        }
    }
}
