//! A transport of what takes a request of `http` and gives a response of `http`.
//!
//! It sends, reads and classifies. It knows no client: what it calls is an async closure, or a
//! tower service.

mod call;
mod error;
#[cfg(feature = "tower")]
mod service;

use std::error::Error;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use futures_util::future::TryFutureExt;
use http::{Extensions, HeaderMap, Request, Response, StatusCode, Version};
use http_body::Body as HttpBody;

pub use call::Call;
pub use error::CallError;
#[cfg(feature = "tower")]
pub use service::{ServiceCall, from_service};

use crate::{Body, Failure, Runtime, Transport};

/// Any client as a [`Transport`], from [`from_fn`] or [`from_service`](crate::from_service).
///
/// What it calls must send a request once: no redirect, no retry, no credentials of its own. One
/// that may resend a POST whose connection broke is no way to a token server: give the session
/// another with [`SessionBuilder::grant_over`](crate::SessionBuilder::grant_over).
pub struct HttpTransport<C> {
    call: C,
    runtime: Arc<dyn Runtime>,
    classify: Arc<Classify>,
}

type Classify = dyn Fn(&(dyn Error + 'static)) -> Failure + Send + Sync;

/// A transport from a closure that returns a future.
///
/// ```
/// use http::{Request, Response};
/// use reauth::{Body, Runtime, Session, from_fn};
///
/// # #[derive(Clone)]
/// # struct Client;
/// # impl Client {
/// #     async fn send(&self, _: Request<Body>) -> std::io::Result<Response<String>> {
/// #         Ok(Response::default())
/// #     }
/// # }
/// # fn example(client: Client, runtime: impl Runtime) {
/// let send = move |request| {
///     let client = client.clone();
///     async move { client.send(request).await }
/// };
/// let builder = Session::builder(from_fn(send, runtime));
/// # }
/// ```
pub fn from_fn<F: Call>(send: F, runtime: impl Runtime) -> HttpTransport<F> {
    HttpTransport::new(send, Arc::new(runtime))
}

impl<C> HttpTransport<C> {
    pub(crate) fn new(call: C, runtime: Arc<dyn Runtime>) -> Self {
        Self {
            call,
            runtime,
            classify: Arc::new(error::by_its_causes),
        }
    }

    /// How to class an error of the client. By default [`Failure::Connect`] where one of its
    /// causes is a refused connection, [`Failure::Timeout`] where one is a time-out, else
    /// [`Failure::Other`].
    ///
    /// [`Failure::Connect`] says that nothing was sent: a refresh that ends so is tried again.
    #[must_use]
    pub fn classify(
        mut self,
        classify: impl Fn(&(dyn Error + 'static)) -> Failure + Send + Sync + 'static,
    ) -> Self {
        self.classify = Arc::new(classify);
        self
    }
}

impl<C: Call> Transport for HttpTransport<C> {
    type Response = Response<C::Body>;
    type Error = CallError;

    fn send(
        &self,
        request: Request<Body>,
    ) -> impl Future<Output = Result<Self::Response, CallError>> + Send {
        let called = self.call.call(request);
        called.map_err(|error| CallError {
            failure: (self.classify)(&*error),
            source: error,
        })
    }

    fn status(response: &Self::Response) -> StatusCode {
        response.status()
    }

    fn headers(response: &Self::Response) -> &HeaderMap {
        response.headers()
    }

    fn version(response: &Self::Response) -> Option<Version> {
        Some(response.version())
    }

    fn extensions_mut(response: &mut Self::Response) -> &mut Extensions {
        response.extensions_mut()
    }

    async fn chunk(response: &mut Self::Response) -> Result<Option<Bytes>, CallError> {
        let body = response.body_mut();
        loop {
            let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await;
            let Some(frame) = frame else {
                return Ok(None);
            };
            let frame = frame.map_err(|error| CallError {
                failure: Failure::Other,
                source: error.into(),
            })?;
            if let Ok(mut data) = frame.into_data() {
                return Ok(Some(data.copy_to_bytes(data.remaining())));
            }
        }
    }

    fn failure(error: &CallError) -> Failure {
        error.failure
    }

    fn runtime(&self) -> Arc<dyn Runtime> {
        Arc::clone(&self.runtime)
    }
}

impl<C> fmt::Debug for HttpTransport<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").finish_non_exhaustive()
    }
}
