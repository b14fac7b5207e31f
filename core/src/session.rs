//! The driver: it performs what the machines ask for, and tells them what happened.
//!
//! [`Session`] is the handle. A request is executed in `execute`, the session's token is in
//! `tokens` and `token_state`, one refresh is in `refresh`, and the store is written in
//! `store_queue`.

mod bearer;
mod builder;
mod credential;
mod events;
mod execute;
mod flight;
mod lifecycle;
mod refresh;
mod store_queue;
mod token_state;
mod tokens;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use http::Request;

pub use bearer::BearerToken;
pub use builder::{BuildError, BuildErrorKind, SessionBuilder};
pub use events::{Counts, Event, EventKind};
use execute::Driver;
pub use execute::{
    Answered, Attempt, FinalUri, RedirectChain, ReplayMethods, Timeout, WithoutCredentials,
};

#[cfg(feature = "tower")]
use crate::Runtime;
use crate::{Body, Error, RequestHead, Transport};

/// An HTTP session that refreshes its token by itself.
///
/// [`execute`](Self::execute) attaches the access token. If the server answers 401, the session
/// gets a new token, once for all requests that were refused, and replays each of them.
///
/// Clones are cheap and share the token, its refresh and the transport. A refresh is driven by the
/// requests that wait for it, and by a spawned task if the runtime has tasks. Without tasks, a
/// refresh that no request waits for any more is finished by the next one, or by
/// [`close`](Self::close).
pub struct Session<T> {
    driver: Arc<Driver<T>>,
}

impl<T: Transport> Session<T> {
    /// Sends a request with the session's token. If that is refused, replays it with a newer one.
    ///
    /// Returns the server's response, whatever its status. If the session returns a 401 or a
    /// redirect instead of acting on it, the reason is in its extensions
    /// ([`Reason`](crate::Reason)). A request that already has the header that carries the token
    /// (usually `Authorization`), or is [`WithoutCredentials`], is sent as it is.
    ///
    /// # Errors
    ///
    /// An [`Error`] if the session cannot get a usable token, if the URL is not at one of the
    /// session's origins, if the transport failed, or if the request timed out or was redirected
    /// too often. If the server answered 401 before that, [`Error::refused`] returns the response.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons this request alone; an attempt may have reached the server. A
    /// refresh in progress goes on. A [`Timeout`] that runs out does the same.
    #[inline]
    pub fn execute<B: Into<Body>>(
        &self,
        request: Request<B>,
    ) -> impl Future<Output = Result<T::Response, Error>> + Send {
        let mut request = request;
        let resolved = self.driver.origins.resolve(&mut request);
        let (parts, body) = request.into_parts();
        let head = Request::from_parts(parts, ());
        self.driver.execute(resolved, head, body.into())
    }

    /// As [`execute`](Self::execute), for a request in the client's own type. For adapters.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute).
    ///
    /// # Cancel safety
    ///
    /// As [`execute`](Self::execute).
    #[inline]
    pub fn execute_native<H: RequestHead<T>>(
        &self,
        head: H,
        body: Body,
    ) -> impl Future<Output = Result<T::Response, Error>> + Send {
        self.driver.execute(Ok(()), head, body)
    }
}

impl<T> Session<T> {
    /// Event counts, for metrics.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.driver.tokens.events().counts()
    }

    /// The same session over another transport. It shares the token and everything else.
    ///
    /// Token calls go over the transport that they went over before.
    #[must_use]
    pub fn over<U>(&self, transport: U) -> Session<U> {
        Session {
            driver: Arc::new(Driver {
                transport: Arc::new(transport),
                origins: Arc::clone(&self.driver.origins),
                options: Arc::clone(&self.driver.options),
                tokens: self.driver.tokens.clone(),
            }),
        }
    }

    #[cfg(feature = "tower")]
    pub(crate) fn runtime(&self) -> &Arc<dyn Runtime> {
        &self.driver.tokens.context.runtime
    }
}

impl<T> Clone for Session<T> {
    fn clone(&self) -> Self {
        Self {
            driver: Arc::clone(&self.driver),
        }
    }
}

impl<T> fmt::Debug for Session<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("origins", &self.driver.origins)
            .finish_non_exhaustive()
    }
}
