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

/// An HTTP session whose token takes care of itself.
///
/// [`execute`](Self::execute) attaches the access token; when the server answers 401 the session
/// gets a new token, once however many requests were refused, and sends each of them again.
///
/// Clones are cheap and share one token, one refresh, one transport. What departed is finished
/// by whoever waits for it, by a spawned task where the runtime has them, else by the next
/// request or [`close`](Self::close).
pub struct Session<T> {
    driver: Arc<Driver<T>>,
}

impl<T: Transport> Session<T> {
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
        let resolved = self.driver.origins.resolve(&mut request);
        let (parts, body) = request.into_parts();
        let head = Request::from_parts(parts, ());
        self.driver.execute(resolved, head, body.into())
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
