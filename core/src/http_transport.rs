//! A transport over an async closure or a tower service.

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
use futures_util::future::{Either, TryFutureExt};
use http::{Extensions, HeaderMap, Request, Response, StatusCode, Version};
use http_body::Body as HttpBody;

pub use call::Call;
pub use error::CallError;
#[cfg(feature = "tower")]
pub use service::{ServiceCall, from_service};

use crate::{Body, Connection, Failure, Runtime, Transport};

/// A [`Transport`] over any client that takes an `http::Request` and returns an `http::Response`,
/// from [`from_fn`] or [`from_service`](crate::from_service).
///
/// The client must send each request once: it must not follow redirects, retry, or add credentials.
///
/// If the client reuses connections, pass a second client that does not, for token requests
/// ([`token_calls_over`](Self::token_calls_over)): a refresh over a connection that died while idle
/// can cost the session.
pub struct HttpTransport<C, K = C> {
    call: C,
    token_calls: Option<Arc<HttpTransport<K>>>,
    runtime: Arc<dyn Runtime>,
    classify: Arc<Classify>,
}

type Classify = dyn Fn(&(dyn Error + 'static)) -> Failure + Send + Sync;

/// A transport over an async closure. `runtime` is its clock, and may spawn tasks.
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
            token_calls: None,
            runtime,
            classify: Arc::new(Failure::of),
        }
    }
}

impl<C, K> HttpTransport<C, K> {
    /// Sends token requests that need a [connection of their own](Connection::Own) over this
    /// client, which must not reuse connections: for hyper-util's set `pool_max_idle_per_host(0)`.
    /// By default they go over the same client as all requests.
    #[must_use]
    pub fn token_calls_over<O>(self, client: HttpTransport<O>) -> HttpTransport<C, O> {
        HttpTransport {
            call: self.call,
            token_calls: Some(Arc::new(client)),
            runtime: self.runtime,
            classify: self.classify,
        }
    }

    /// Sets how to classify the client's errors. The default is [`Failure::of`].
    ///
    /// [`Failure::Connect`] and [`Failure::NotProcessed`] mean that the server did not process the
    /// request: the session then retries a refresh.
    #[must_use]
    pub fn classify(
        mut self,
        classify: impl Fn(&(dyn Error + 'static)) -> Failure + Send + Sync + 'static,
    ) -> Self {
        self.classify = Arc::new(classify);
        self
    }
}

impl<C: Call, K: Call<Body = C::Body>> Transport for HttpTransport<C, K> {
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

    fn send_token_call(
        &self,
        request: Request<Body>,
        connection: Connection,
    ) -> impl Future<Output = Result<Self::Response, CallError>> + Send {
        match (&self.token_calls, connection) {
            (Some(own), Connection::Own) => Either::Left(own.send(request)),
            (Some(_), Connection::Any) | (None, Connection::Any | Connection::Own) => {
                Either::Right(self.send(request))
            }
        }
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

impl<C, K> fmt::Debug for HttpTransport<C, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").finish_non_exhaustive()
    }
}
