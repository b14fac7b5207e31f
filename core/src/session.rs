//! The driver: it performs what the machines ask for, and tells them what happened.
//!
//! It holds no rule about tokens: which attempt comes next is
//! [`SessionMachine`](crate::machine::SessionMachine)'s (`journey.rs`), which hop
//! [`RedirectMachine`](crate::machine::RedirectMachine)'s (`hops.rs`), who refreshes
//! [`Coordinator`](crate::machine::Coordinator)'s (`tokens.rs`).

mod bearer;
mod builder;
mod credential;
mod events;
mod execute;
mod lifecycle;
mod refresh;
mod store_queue;
mod token_state;
mod tokens;

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;

use http::Request;

pub use bearer::BearerToken;
pub use builder::{BuildError, BuildErrorKind, SessionBuilder};
pub use events::{Counts, Event, EventKind};
use execute::{AllowedOrigins, Options};
pub use execute::{
    Answered, Attempt, FinalUri, RedirectChain, ReplayMethods, Timeout, WithoutCredentials,
};
use tokens::Tokens;

use crate::runtime::in_time;
use crate::{Body, Error, ErrorKind, RequestHead, Transport};

/// An HTTP session whose token takes care of itself.
///
/// [`execute`](Self::execute) attaches the access token; when the server answers 401 the session
/// gets a new token, once however many requests were refused, and sends each of them again.
///
/// Clones are cheap and share one token, one refresh, one transport. What departed is finished
/// by whoever waits for it, by a spawned task where the runtime has them, else by the next
/// request or [`close`](Self::close).
pub struct Session<T> {
    inner: Arc<Inner<T>>,
}

struct Inner<T> {
    transport: Arc<T>,
    origins: Arc<AllowedOrigins>,
    options: Arc<Options>,
    tokens: Tokens,
}

/// What the caller gets: the machine carries it and cannot look inside.
type Answer<T> = Result<<T as Transport>::Response, Error>;

impl<T: Transport> Session<T> {
    /// The options of a session over this transport.
    pub fn builder(transport: T) -> SessionBuilder<T> {
        SessionBuilder::new(transport)
    }

    /// Sends a request with the session's token, and again with a newer one where that is
    /// refused.
    ///
    /// The answer is the server's, after all that the session may do: a success, an error of the
    /// application, a 401 that remains. Where the session decided something about it, a
    /// [`Reason`](crate::Reason) stands in its extensions. A request that has a header of its own where the
    /// token would go (`Authorization`, as a rule), or is [`WithoutCredentials`], goes as it is.
    ///
    /// # Errors
    ///
    /// An [`Error`] where a token that was needed was not to be had, where the request goes to an
    /// origin that the session does not know, where the transport failed, or where the request was
    /// redirected too often. Where a 401 came before, [`Error::refused`] has it.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons this request, whose attempt may have reached the server, and
    /// no other: a refresh that departed is the session's. So does its [`Timeout`].
    #[inline]
    pub fn execute<B: Into<Body>>(
        &self,
        request: Request<B>,
    ) -> impl Future<Output = Result<T::Response, Error>> + Send {
        let mut request = request;
        let resolved = self.inner.origins.resolve(&mut request);
        let (parts, body) = request.into_parts();
        self.set_out(resolved, Request::from_parts(parts, ()), body.into())
    }

    /// Sends a request that is of a type of its client's, as [`execute`](Self::execute) does: for
    /// adapters.
    ///
    /// # Errors
    ///
    /// Those of [`execute`](Self::execute).
    ///
    /// # Cancel safety
    ///
    /// That of [`execute`](Self::execute).
    #[inline]
    pub fn execute_native<H: RequestHead<T>>(
        &self,
        head: H,
        body: Body,
    ) -> impl Future<Output = Result<T::Response, Error>> + Send {
        self.set_out(Ok(()), head, body)
    }

    /// What needs no token is done at once, so that the future holds each part of the request in
    /// one place.
    #[inline]
    fn set_out<H: RequestHead<T>>(
        &self,
        resolved: Result<(), Error>,
        head: H,
        body: Body,
    ) -> impl Future<Output = Result<T::Response, Error>> + Send {
        let inner = &*self.inner;
        let (mut request, stopped) = inner.request(head, body);
        let stopped = resolved.err().or(stopped);
        async move {
            if let Some(error) = stopped {
                return Err(error);
            }
            let sleep = |timeout| inner.tokens.runtime().sleep(timeout);
            let mut sleep = request.attempts.timeout().map(sleep);
            let answer = {
                let mut journey = pin!(inner.travel(&mut request));
                poll_fn(|context| in_time(&mut sleep, journey.as_mut(), context)).await
            };
            let answer = answer.unwrap_or_else(|| {
                Err(Error::new(ErrorKind::Timeout).because("the request's timeout ran out"))
            });
            answer.map_err(|error| error.with_refused(request.refused()))
        }
    }
}

impl<T> Clone for Session<T> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<T> fmt::Debug for Session<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("origins", &self.inner.origins)
            .finish_non_exhaustive()
    }
}
