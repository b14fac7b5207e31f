//! Faults of a request.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use http_body::{Body as _, Frame, SizeHint};
use reauth::{Body, BodyError};

use super::{Fault, Spoiled};

impl Spoiled {
    pub async fn spoil(&self, mut request: Request<Body>) -> Request<Body> {
        let attempt = self.attempts.fetch_add(1, Ordering::Relaxed);
        match self.fault {
            Fault::KnowsOneMethod => *request.method_mut() = Method::POST,
            Fault::DropsTheQuery => {
                let uri = request.uri().to_string();
                let path = uri.split('?').next().unwrap();
                *request.uri_mut() = path.parse().unwrap();
            }
            Fault::DropsRepeatedHeaders => {
                let headers = std::mem::take(request.headers_mut());
                let mut last = None;
                for (name, value) in headers {
                    last = name.or(last);
                    request.headers_mut().insert(last.clone().unwrap(), value);
                }
            }
            Fault::DropsBinaryHeaders => keep(&mut request, |value| value.to_str().is_ok()),
            Fault::DropsEmptyHeaders => keep(&mut request, |value| !value.is_empty()),
            Fault::AddsAHeader => add(&mut request, "x-client", "spoiled"),
            Fault::InventsAContentType if !request.headers().contains_key(CONTENT_TYPE) => {
                add(
                    &mut request,
                    "content-type",
                    "application/x-www-form-urlencoded",
                );
            }
            Fault::CountsAttempts => add(&mut request, "x-attempt", &attempt.to_string()),
            Fault::AddsACredential if request.headers().contains_key(AUTHORIZATION) => {
                add(&mut request, "authorization", "Basic YTpi");
            }
            _ => {}
        }
        let (parts, body) = request.into_parts();
        let stale = parts
            .headers
            .get(AUTHORIZATION)
            .is_some_and(|held| held == "Bearer stale");
        let body = match self.fault {
            Fault::AsksFirst if stale && body.as_bytes().is_none() => Body::empty(),
            _ => self.spoiled(body).await,
        };
        Request::from_parts(parts, body)
    }

    async fn spoiled(&self, body: Body) -> Body {
        let fault = self.fault;
        match body.into_bytes() {
            Ok(bytes) if bytes.is_empty() && fault == Fault::FillsEmptyBodies => "!".into(),
            Ok(bytes) if fault == Fault::CutsBodies => bytes.slice(..bytes.len().max(1) - 1).into(),
            Ok(bytes) => bytes.into(),
            Err(mut stream) if fault == Fault::CollectsStreams => {
                let mut whole = Vec::new();
                let next = |stream: &mut Body| {
                    let mut context = Context::from_waker(std::task::Waker::noop());
                    Pin::new(stream).poll_frame(&mut context)
                };
                while let Poll::Ready(Some(Ok(frame))) = next(&mut stream) {
                    whole.extend(frame.into_data().unwrap_or_default());
                }
                whole.into()
            }
            Err(stream) => Body::once(Stream { fault, stream }),
        }
    }
}

fn keep(request: &mut Request<Body>, kept: impl Fn(&HeaderValue) -> bool) {
    let headers = std::mem::take(request.headers_mut());
    let mut last = None;
    for (name, value) in headers {
        last = name.or(last);
        if kept(&value) {
            request.headers_mut().append(last.clone().unwrap(), value);
        }
    }
}

fn add(request: &mut Request<Body>, name: &'static str, value: &str) {
    let value = HeaderValue::from_str(value).unwrap();
    request.headers_mut().append(name, value);
}

/// The request, with its body in one piece.
pub async fn collected(request: Request<Body>) -> Request<Body> {
    let (parts, mut body) = request.into_parts();
    let mut bytes = Vec::new();
    while let Some(frame) =
        poll_fn(|context| http_body::Body::poll_frame(Pin::new(&mut body), context)).await
    {
        bytes.extend(frame.unwrap().into_data().unwrap());
    }
    Request::from_parts(parts, bytes.into())
}

/// The request, and a copy if its body can be copied.
pub fn doubled(request: Request<Body>) -> (Request<Body>, Option<Request<Body>>) {
    let again = request.body().try_clone().map(|body| {
        let mut again = Request::new(body);
        *again.method_mut() = request.method().clone();
        *again.uri_mut() = request.uri().clone();
        *again.headers_mut() = request.headers().clone();
        again
    });
    (request, again)
}

struct Stream {
    fault: Fault,
    stream: Body,
}

impl http_body::Body for Stream {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = Pin::new(&mut self.stream).poll_frame(context);
        match (self.fault, frame) {
            (Fault::SwallowsStreamErrors, Poll::Ready(Some(Err(_)))) => Poll::Ready(None),
            (Fault::CutsBodies, Poll::Ready(Some(Ok(frame)))) if frame.is_data() => {
                let data = frame.into_data().unwrap_or_default();
                let cut = data.slice(..data.len().max(1) - 1);
                Poll::Ready(Some(Ok(Frame::data(cut))))
            }
            (_, frame) => frame,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self.fault {
            Fault::ForgetsLengths => SizeHint::default(),
            _ => self.stream.size_hint(),
        }
    }
}
