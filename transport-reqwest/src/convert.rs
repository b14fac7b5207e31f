//! Converts between the requests of `http` and of reqwest, without copying bodies.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body::Body as _;
use reauth::Body;
use reqwest::Url;
use url::ParseError;

use crate::native::AttemptTimeout;

/// `url` is the URL of the request.
pub(crate) fn into_reqwest(
    url: Result<Url, ParseError>,
    mut request: http::Request<Body>,
) -> reqwest::Result<reqwest::Request> {
    let timeout = request.extensions_mut().remove::<AttemptTimeout>();
    let mut request = match url {
        Ok(url) if request.extensions().is_empty() => assembled(url, request),
        // reqwest reads some of the extensions, and makes the error.
        Ok(_) | Err(_) => reqwest::Request::try_from(request.map(wrapped))?,
    };
    if let Some(AttemptTimeout(timeout)) = timeout {
        *request.timeout_mut() = Some(timeout);
    }
    Ok(request)
}

fn assembled(url: Url, request: http::Request<Body>) -> reqwest::Request {
    let (parts, body) = request.into_parts();
    let mut request = reqwest::Request::new(parts.method, url);
    *request.version_mut() = parts.version;
    *request.headers_mut() = parts.headers;
    *request.body_mut() = Some(wrapped(body));
    request
}

/// Keeps the extensions, including the timeout.
#[cfg(feature = "middleware")]
pub(crate) fn from_reqwest(request: reqwest::Request) -> reqwest::Result<http::Request<Body>> {
    Ok(http::Request::try_from(request)?.map(unwrapped))
}

pub(crate) fn wrapped(body: Body) -> reqwest::Body {
    body.into_bytes()
        .map_or_else(reqwest::Body::wrap, reqwest::Body::from)
}

/// Takes the bytes without copying them, if the body is made of bytes.
pub(crate) fn unwrapped(mut body: reqwest::Body) -> Body {
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
