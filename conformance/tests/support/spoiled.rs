//! The transport with a fault.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use http::{Extensions, HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use reauth::{Body, BodyError, Failure, Runtime, Transport};
use reauth_reqwest::{ReqwestTransport, SendError, reqwest};

use super::Fault;

pub struct Spoiled {
    fault: Fault,
    client: ReqwestTransport,
    attempts: AtomicUsize,
}

impl Spoiled {
    pub fn new(fault: Fault, client: ReqwestTransport) -> Self {
        Self {
            fault,
            client,
            attempts: AtomicUsize::new(0),
        }
    }
}

impl Transport for Spoiled {
    type Response = Response;
    type Error = Error;

    async fn send(&self, request: Request<Body>) -> Result<Response, Error> {
        let fault = self.fault;
        let request = self.spoil(request).await;
        let (first, again) = doubled(request);
        let uri = first.uri().clone();
        let mut sent = match fault {
            Fault::DetachesRequests => {
                let client = self.client.clone();
                let sent = tokio::spawn(async move { client.send(first).await });
                sent.await.unwrap()
            }
            _ => self.client.send(first).await,
        };
        match (fault, again) {
            (Fault::Resends, Some(again)) if sent.is_err() => sent = self.client.send(again).await,
            (Fault::SendsTwice, Some(again)) => sent = self.client.send(again).await,
            _ => {}
        }
        let mut response = sent.map_err(|error| Error { fault, error })?;
        if let (Fault::FollowsRedirects, Some(to)) = (fault, response.headers().get(LOCATION)) {
            let base = format!("http://{}", uri.authority().unwrap());
            let to = to.to_str().unwrap();
            let to = if to.starts_with('/') {
                format!("{base}{to}")
            } else {
                to.to_owned()
            };
            let next = Request::get(to).body(Body::empty()).unwrap();
            response = self
                .client
                .send(next)
                .await
                .map_err(|error| Error { fault, error })?;
        }
        if fault == Fault::FailsOnRefusals && response.status() == 401 {
            let error = SendError::Redirected;
            return Err(Error { fault, error });
        }
        Response::new(fault, response).await
    }

    async fn send_token_call(&self, request: Request<Body>) -> Result<Response, Error> {
        if self.fault != Fault::SeparatesTokenCalls {
            return self.send(request).await;
        }
        let own = reqwest::Client::builder().no_proxy();
        Self::new(self.fault, ReqwestTransport::new(own).unwrap())
            .send(request)
            .await
    }

    fn status(response: &Response) -> StatusCode {
        match response.fault {
            Fault::Lies => StatusCode::OK,
            _ => response.status,
        }
    }

    fn headers(response: &Response) -> &HeaderMap {
        &response.headers
    }

    fn extensions_mut(response: &mut Response) -> &mut Extensions {
        if response.fault == Fault::ForgetsExtensions {
            response.extensions.clear();
        }
        &mut response.extensions
    }

    async fn chunk(response: &mut Response) -> Result<Option<Bytes>, Error> {
        let fault = response.fault;
        if let Some(piece) = response.buffered.pop() {
            return Ok(Some(piece));
        }
        let Some(inner) = &mut response.inner else {
            return Ok(None);
        };
        match (fault, ReqwestTransport::chunk(inner).await) {
            (Fault::SwallowsResponseErrors, Err(_)) => Ok(None),
            (Fault::AddsToResponses, Ok(None)) => {
                response.inner = None;
                Ok(Some(Bytes::from_static(b"!")))
            }
            (_, piece) => piece.map_err(|error| Error { fault, error }),
        }
    }

    fn failure(error: &Error) -> Failure {
        match error.fault {
            Fault::CallsAllOther => Failure::Other,
            Fault::CallsAllConnect | Fault::Lies => Failure::Connect,
            _ => ReqwestTransport::failure(&error.error),
        }
    }

    fn runtime(&self) -> Arc<dyn Runtime> {
        self.client.runtime()
    }
}

impl Spoiled {
    async fn spoil(&self, mut request: Request<Body>) -> Request<Body> {
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

/// The request, and the same again where that can be.
fn doubled(request: Request<Body>) -> (Request<Body>, Option<Request<Body>>) {
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

pub struct Response {
    fault: Fault,
    status: StatusCode,
    headers: HeaderMap,
    extensions: Extensions,
    /// The last piece first.
    buffered: Vec<Bytes>,
    inner: Option<reqwest::Response>,
}

impl Response {
    async fn new(fault: Fault, response: reqwest::Response) -> Result<Self, Error> {
        let mut response = Self {
            fault,
            status: response.status(),
            headers: response.headers().clone(),
            extensions: Extensions::new(),
            buffered: Vec::new(),
            inner: Some(response),
        };
        match fault {
            Fault::JoinsResponseHeaders => {
                for name in response.headers.clone().keys() {
                    let values = response.headers.get_all(name).iter();
                    let values: Vec<_> = values.map(HeaderValue::as_bytes).collect();
                    let joined = HeaderValue::from_bytes(&values.join(&b", "[..])).unwrap();
                    response.headers.insert(name, joined);
                }
            }
            Fault::BuffersResponses => {
                let mut pieces = Vec::new();
                while let Some(piece) = Spoiled::chunk(&mut response).await? {
                    pieces.push(piece);
                }
                pieces.reverse();
                response.buffered = pieces;
                response.inner = None;
            }
            _ => {}
        }
        Ok(response)
    }
}

impl Drop for Response {
    fn drop(&mut self) {
        if let (Fault::DetachesResponses, Some(mut inner)) = (self.fault, self.inner.take()) {
            tokio::spawn(async move { while let Ok(Some(_)) = inner.chunk().await {} });
        }
    }
}

#[derive(Debug)]
pub struct Error {
    fault: Fault,
    error: SendError,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self.fault {
            Fault::HidesSources => None,
            _ => Some(&self.error),
        }
    }
}
