//! Sending what a `RequestBuilder` built.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body::Body as _;
use reauth::{Body, Error};
use reqwest::{RequestBuilder, Response};

use crate::Session;

/// Sends a request of reqwest through a session.
pub trait SendWith {
    /// Builds the request, and sends it as [`Session::execute`](reauth::Session::execute) does.
    ///
    /// It goes over the session's client, whichever client made the builder; a timeout of its
    /// own holds for each attempt. A body that is a stream can be sent once.
    ///
    /// # Errors
    ///
    /// Those of [`Session::execute`](reauth::Session::execute), and
    /// [`ErrorKind::InvalidRequest`](reauth::ErrorKind::InvalidRequest) where the builder has one.
    ///
    /// # Cancel safety
    ///
    /// That of [`Session::execute`](reauth::Session::execute).
    fn send_with(self, session: &Session) -> impl Future<Output = Result<Response, Error>> + Send;
}

impl SendWith for RequestBuilder {
    async fn send_with(self, session: &Session) -> Result<Response, Error> {
        let request = self.build().map_err(Error::invalid_request)?;
        // Its extensions come along, and the timeout among them.
        let request = http::Request::try_from(request).map_err(Error::invalid_request)?;
        session.execute(request.map(unwrapped)).await
    }
}

/// The bytes where there are any, without a copy of them.
fn unwrapped(mut body: reqwest::Body) -> Body {
    match body.as_bytes() {
        Some([]) => Body::empty(),
        Some(_) => whole(&mut body).map_or_else(|| Body::once(body), Body::from),
        None => Body::once(body),
    }
}

fn whole(body: &mut reqwest::Body) -> Option<Bytes> {
    let mut context = Context::from_waker(Waker::noop());
    match Pin::new(body).poll_frame(&mut context) {
        Poll::Ready(Some(Ok(frame))) => frame.into_data().ok(),
        Poll::Ready(_) | Poll::Pending => None,
    }
}
