//! Between the requests of `http` and those of reqwest: no byte of a body is copied.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body::Body as _;
use reauth::Body;

pub(crate) fn into_reqwest(request: http::Request<Body>) -> reqwest::Result<reqwest::Request> {
    reqwest::Request::try_from(request.map(wrapped))
}

/// Its extensions come along, and the timeout among them.
pub(crate) fn from_reqwest(request: reqwest::Request) -> reqwest::Result<http::Request<Body>> {
    Ok(http::Request::try_from(request)?.map(unwrapped))
}

fn wrapped(body: Body) -> reqwest::Body {
    body.into_bytes()
        .map_or_else(reqwest::Body::wrap, reqwest::Body::from)
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
