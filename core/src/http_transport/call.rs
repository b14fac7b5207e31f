//! The client behind an [`HttpTransport`](super::HttpTransport).

use std::error::Error;
use std::future::Future;

use futures_util::future::TryFutureExt;
use http::{Request, Response};
use http_body::Body as HttpBody;

use crate::Body;

type BoxError = Box<dyn Error + Send + Sync>;

/// The client behind an [`HttpTransport`](super::HttpTransport): an async closure or a tower
/// service. Other crates need not implement it.
pub trait Call: Send + Sync {
    /// The response body.
    type Body: HttpBody<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static;

    /// Sends a request once, and completes with the head of the response.
    ///
    /// # Errors
    ///
    /// The client's own error.
    fn call(
        &self,
        request: Request<Body>,
    ) -> impl Future<Output = Result<Response<Self::Body>, BoxError>> + Send;
}

impl<F, Sent, B, E> Call for F
where
    F: Fn(Request<Body>) -> Sent + Send + Sync,
    Sent: Future<Output = Result<Response<B>, E>> + Send,
    B: HttpBody<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static,
    E: Into<BoxError>,
{
    type Body = B;

    fn call(
        &self,
        request: Request<Body>,
    ) -> impl Future<Output = Result<Response<B>, BoxError>> + Send {
        self(request).map_err(Into::into)
    }
}
