//! A session as a tower layer.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use crate::http_transport::{Call, HttpTransport, ServiceCall};
use crate::{Body, BoxFuture, Error, Session, Transport};

/// A tower layer that sends requests through a session, over the service below the layer.
///
/// Token requests still go over the transport that the session was built with, so that no layer
/// below can send a refresh token twice. All services of the layer and its clones share the
/// session's token. Put layers that retry above this one.
///
/// ```
/// use reauth::{Session, SessionLayer, Transport};
/// use tower_layer::Layer;
///
/// # fn example<T: Transport, S>(session: Session<T>, client: S) {
/// let client = SessionLayer::new(&session).layer(client);
/// # }
/// ```
pub struct SessionLayer<T> {
    session: Session<T>,
}

impl<T> SessionLayer<T> {
    /// A layer for this session.
    #[must_use]
    pub fn new(session: &Session<T>) -> Self {
        let session = session.clone();
        Self { session }
    }
}

impl<S, T> Layer<S> for SessionLayer<T> {
    type Service = SessionService<S>;

    fn layer(&self, service: S) -> SessionService<S> {
        let runtime = Arc::clone(self.session.runtime());
        let transport = HttpTransport::new(ServiceCall::new(service), runtime);
        SessionService {
            session: self.session.over(transport),
        }
    }
}

/// A session over a tower service, from [`SessionLayer`].
///
/// It is always ready: each attempt waits until its clone of the service below is ready. Requests
/// need an absolute URL within the session's origins. Responses and errors are those of
/// [`Session::execute`].
pub struct SessionService<S> {
    session: Session<HttpTransport<ServiceCall<S>>>,
}

impl<S> Service<Request<Body>> for SessionService<S>
where
    ServiceCall<S>: Call,
    S: Send + 'static,
{
    type Response = <HttpTransport<ServiceCall<S>> as Transport>::Response;
    type Error = Error;
    type Future = BoxFuture<Result<Self::Response, Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let session = self.session.clone();
        Box::pin(async move { session.execute(request).await })
    }
}

impl<T> Clone for SessionLayer<T> {
    fn clone(&self) -> Self {
        Self::new(&self.session)
    }
}

impl<S> Clone for SessionService<S> {
    fn clone(&self) -> Self {
        let session = self.session.clone();
        Self { session }
    }
}

impl<T> fmt::Debug for SessionLayer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SessionLayer").field(&self.session).finish()
    }
}

impl<S> fmt::Debug for SessionService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SessionService")
            .field(&self.session)
            .finish()
    }
}
