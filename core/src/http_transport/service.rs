//! A transport over a tower service.

use std::error::Error;
use std::fmt;
use std::future::{self, Future, poll_fn};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::future::{Either, FutureExt, TryFutureExt};
use http::{Request, Response};
use http_body::Body as HttpBody;
use tower_service::Service;

use super::{Call, HttpTransport};
use crate::sync::{Mutex, lock};
use crate::{Body, Runtime};

type BoxError = Box<dyn Error + Send + Sync>;

/// A tower service as a client. Each request clones the service and waits until the clone is ready.
pub struct ServiceCall<S>(Mutex<S>);

/// A transport over a tower service, such as a hyper-util client, or an axum `Router` in a test
/// without sockets.
///
/// If the client reuses connections, add another one for token requests
/// ([`HttpTransport::token_calls_over`]). `runtime` is its clock, and may spawn tasks: with the
/// feature `tokio`, use `TokioRuntime`.
pub fn from_service<S>(service: S, runtime: impl Runtime) -> HttpTransport<ServiceCall<S>>
where
    ServiceCall<S>: Call,
{
    HttpTransport::new(ServiceCall::new(service), Arc::new(runtime))
}

impl<S> ServiceCall<S> {
    pub(crate) const fn new(service: S) -> Self {
        Self(Mutex::new(service))
    }
}

impl<S, B> Call for ServiceCall<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: HttpBody<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    type Body = B;

    fn call(
        &self,
        request: Request<Body>,
    ) -> impl Future<Output = Result<Response<B>, BoxError>> + Send {
        // The lock is for services that are not `Sync`.
        let mut service = lock(&self.0).clone();
        // Most are ready at once: their future need not hold the request.
        let ready = service.poll_ready(&mut Context::from_waker(Waker::noop()));
        let ready = ready.map_err(Into::into);
        match ready {
            Poll::Ready(Ok(())) => Either::Left(service.call(request).map_err(Into::into)),
            Poll::Ready(Err(error)) => Either::Right(future::ready(Err(error)).boxed()),
            Poll::Pending => {
                let called = async move {
                    let ready = poll_fn(|context| service.poll_ready(context)).await;
                    ready.map_err(Into::into)?;
                    service.call(request).await.map_err(Into::into)
                };
                Either::Right(called.boxed())
            }
        }
    }
}

impl<S> fmt::Debug for ServiceCall<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceCall").finish_non_exhaustive()
    }
}
