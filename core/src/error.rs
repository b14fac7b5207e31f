//! Why `execute` returned no answer.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::Transport;
use crate::{Failure, RefreshError, RefreshErrorKind};

/// Why a session returned no answer: a token that was needed was not to be had, or the transport
/// failed.
///
/// It holds no token. Its sources are those of the transport, the store, or the
/// [`RefreshError`] that every request shares which waited for that refresh.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    source: Option<Source>,
    refused: Option<Response<Bytes>>,
    retry_after: Option<Duration>,
    sent: Sent,
}

/// What the server may have processed before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Nothing,
    /// Hops that redirected, and may have done more.
    Hops,
}

#[derive(Debug)]
enum Source {
    Own(Box<dyn StdError + Send + Sync>),
    Shared(Arc<RefreshError>),
}

/// The classes of [`Error`]; each says what its caller can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request is none. Nothing was sent.
    InvalidRequest,
    /// The request goes to an origin where the token may not go. Nothing was sent.
    OriginNotAllowed,
    /// The session has no token: sign in.
    SignedOut,
    /// The refresh token is refused: sign in again.
    SessionExpired,
    /// A refresh may have spent the refresh token, and its answer is lost: sign in again, unless
    /// there is a [`retry_after`](Error::retry_after), when the session asks once more.
    RefreshUnknown,
    /// A refresh was not processed, and nothing is lost: try again later.
    RefreshUnavailable,
    /// The token request was rejected, and nothing says that the token is at fault: check the
    /// grant, its client and its endpoint. The session asks again after a rest.
    RefreshMisconfigured,
    /// The session has refreshed as often as its limit allows: try again later.
    RefreshLimit,
    /// As many requests wait for the refresh as
    /// [`max_waiting`](crate::SessionBuilder::max_waiting) allows: try again later.
    TooManyWaiting,
    /// The session was signed in or out while the request waited, so it belongs to nobody.
    Superseded,
    /// There was no connection: nothing was sent.
    Connect,
    /// The server has said that it did not process the request
    /// ([RFC 9113 §8.7](https://www.rfc-editor.org/rfc/rfc9113#section-8.7)), and the client did
    /// not send it again: try again.
    NotProcessed,
    /// Time ran out.
    Timeout,
    /// The transport failed in another way.
    Transport,
    /// The request was redirected more often than the session follows, in a loop or not: the
    /// source is a [`RedirectChain`](crate::RedirectChain).
    TooManyRedirects,
    /// The store failed; the session goes on with the token it has.
    Store,
    /// A blocking call came from inside an async task, whose runtime it would stop. Nothing was
    /// done: use the async session there.
    InsideRuntime,
}

impl Error {
    /// A request that an adapter could not read. Nothing was sent.
    pub fn invalid_request(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(ErrorKind::InvalidRequest).because(source)
    }

    /// A blocking call of an adapter, from inside an async task. Nothing was done.
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

    /// Its class.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Its source by value, where it is of this type: the transport's own error.
    ///
    /// # Errors
    ///
    /// This error itself, where its source is another.
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

    /// The 401 that came before it, where one did: its head, and up to 64 KiB of its body.
    #[must_use]
    pub fn refused(&self) -> Option<&Response<Bytes>> {
        self.0.refused.as_ref()
    }

    /// Why the refresh that this request needed brought no token: what the token server answered,
    /// and at which endpoint.
    #[must_use]
    pub fn refresh_error(&self) -> Option<&RefreshError> {
        match &self.0.source {
            Some(Source::Shared(error)) => Some(error),
            Some(Source::Own(_)) | None => None,
        }
    }

    /// How long it takes until the session may ask for a token again, counted from when this
    /// error was made.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether only a sign-in helps.
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

    /// Whether the request was not processed, and the same request may succeed later. Never so of
    /// one that was redirected: what redirects may have processed it.
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

    /// Whether the session rests, and then asks for a token again.
    fn asks_again(&self) -> bool {
        self.0.retry_after.is_some()
    }

    /// Whether time ran out.
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
        // The refused answer's headers and body are the server's: not for a log.
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
            ErrorKind::InvalidRequest => "the request is not a valid one",
            ErrorKind::OriginNotAllowed => {
                "the request goes to an origin where the token may not go"
            }
            ErrorKind::SignedOut => "the session has no token: sign in",
            ErrorKind::SessionExpired => "the session has ended: sign in again",
            ErrorKind::RefreshUnknown if self.asks_again() => {
                "the session's token may be lost: it is asked for once more later"
            }
            ErrorKind::RefreshUnknown => "the session's token may be lost: sign in again",
            ErrorKind::RefreshUnavailable => "no new token for now: try again later",
            ErrorKind::RefreshMisconfigured => {
                "no new token: check the grant, its client and its endpoint"
            },
            ErrorKind::RefreshLimit => {
                "the session has refreshed as often as its limit allows: try again later"
            }
            ErrorKind::TooManyWaiting => {
                "as many requests wait for a new token as may: try again later, or raise max_waiting"
            }
            ErrorKind::Superseded => "the session was signed in or out while the request waited",
            ErrorKind::Connect => "no connection to the server",
            ErrorKind::NotProcessed => "the server did not process the request: try again",
            ErrorKind::Timeout => "the server took too long",
            ErrorKind::Transport => "the request failed on its way",
            ErrorKind::TooManyRedirects => {
                "the request was redirected more often than the session follows"
            }
            ErrorKind::Store => "the token could not be kept in the store",
            ErrorKind::InsideRuntime => {
                "a blocking call would stop the async runtime: use the async session there"
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
