//! A request on the wire: its length, its content type, its stream.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::convert::Infallible;
use std::error::Error as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body::{Frame, SizeHint};
use reauth_isahc::SendError;
use reauth_isahc::reauth::{Body, ErrorKind, Failure, Transport, WithoutCredentials};
use support::raw::{Raw, Received};
use support::*;

/// A stream of these frames, with its length if given.
struct Stream<E> {
    frames: std::vec::IntoIter<Result<Frame<Bytes>, E>>,
    length: Option<u64>,
}

impl<E: Unpin> http_body::Body for Stream<E> {
    type Data = Bytes;
    type Error = E;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, E>>> {
        _ = context;
        Poll::Ready(self.frames.next())
    }

    fn size_hint(&self) -> SizeHint {
        self.length
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

fn stream<E>(frames: Vec<Result<Frame<Bytes>, E>>, length: Option<u64>) -> Body
where
    E: Into<Box<dyn std::error::Error + Send + Sync>> + Unpin + Send + 'static,
{
    let frames = frames.into_iter();
    Body::once(Stream { frames, length })
}

fn data<E>(text: &'static str) -> Result<Frame<Bytes>, E> {
    Ok(Frame::data(Bytes::from_static(text.as_bytes())))
}

fn request(method: Method, server: &Raw, body: impl Into<Body>) -> Request<Body> {
    let request = Request::builder().method(method).uri(server.url());
    request.body(body.into()).unwrap()
}

/// The request as it arrived at the server.
fn arrived(method: Method, body: impl Into<Body>) -> Received {
    let server = Raw::answering("200 OK");
    let request = request(method, &server, body);
    block_on(transport().send(request)).unwrap();
    server.received().pop().unwrap()
}

#[test]
fn a_request_without_a_body_has_a_length_only_where_a_server_may_ask_for_one() {
    for method in [Method::GET, Method::HEAD, Method::DELETE, Method::OPTIONS] {
        let received = arrived(method.clone(), "");
        assert_eq!(received.header("content-length"), None, "{method}");
        assert_eq!(received.header("content-type"), None, "{method}");
        assert_eq!(received.line, format!("{method} / HTTP/1.1"));
    }
    for method in [Method::POST, Method::PUT, Method::PATCH] {
        let received = arrived(method.clone(), "");
        assert_eq!(received.header("content-length"), Some("0"), "{method}");
        assert_eq!(received.header("content-type"), None, "{method}");
        assert_eq!(received.header("transfer-encoding"), None, "{method}");
        assert_eq!(received.line, format!("{method} / HTTP/1.1"));
    }
}

#[test]
fn bytes_go_out_as_bytes_and_not_as_a_form() {
    for (method, kind) in [
        (Method::POST, Some("application/octet-stream")),
        (Method::PUT, None),
        (Method::PATCH, None),
        (Method::DELETE, None),
        (Method::GET, None),
    ] {
        let received = arrived(method.clone(), "text");
        assert_eq!(received.header("content-type"), kind, "{method}");
        assert_eq!(received.header("content-length"), Some("4"), "{method}");
        assert_eq!(received.body, b"text", "{method}");
    }
}

#[test]
fn a_content_type_of_the_callers_stays() {
    let server = Raw::answering("200 OK");
    let mut request = request(Method::POST, &server, "{}");
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert("content-type", json);
    block_on(transport().send(request)).unwrap();
    let received = server.received().pop().unwrap();
    assert_eq!(received.header("content-type"), Some("application/json"));
}

#[test]
fn a_stream_goes_out_in_chunks_or_with_its_length_and_without_its_trailers() {
    for length in [None, Some(8)] {
        let frames = || {
            let trailers = Frame::trailers(HeaderMap::new());
            vec![
                data::<Infallible>("a "),
                data(""),
                data("stream"),
                Ok(trailers),
            ]
        };
        let received = arrived(Method::POST, stream(frames(), length));
        assert_eq!(received.body, b"a stream");
        let chunked = received.header("transfer-encoding").is_some();
        assert_eq!(chunked, length.is_none());
        let announced = received.header("content-length");
        assert_eq!(announced, length.map(|_| "8"));
    }
}

#[test]
fn a_stream_that_fails_or_panics_or_ends_early_is_an_error_of_its_own_request() {
    let transport = transport();
    let broken = || Err(io::Error::other("the tap is dry"));
    for (body, cause) in [
        (stream(vec![data("a "), broken()], None), "the tap is dry"),
        (
            stream(vec![data("a "), broken()], Some(8)),
            "the tap is dry",
        ),
        (Body::once(Panics), "the request's body panicked"),
        (stream(vec![data::<Infallible>("a ")], Some(8)), ""),
    ] {
        let server = Raw::answering("200 OK");
        let sent = transport.send(request(Method::POST, &server, body));
        let error = block_on(sent).unwrap_err();
        let mut chain = vec![error.to_string()];
        let mut source = error.source();
        while let Some(error) = source {
            chain.push(error.to_string());
            source = error.source();
        }
        assert!(chain.iter().any(|said| said.contains(cause)), "{chain:?}");
        let next = transport.send(request(Method::POST, &server, "text"));
        assert_eq!(block_on(next).unwrap().status(), 200);
    }
}

struct Panics;

impl http_body::Body for Panics {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("on purpose");
    }
}

#[test]
fn a_header_that_isahc_cannot_send_is_an_error_before_anything_is_sent() {
    let server = Raw::answering("200 OK");
    let mut request = request(Method::GET, &server, "");
    let latin1 = HeaderValue::from_bytes(b"caf\xe9").unwrap();
    request.headers_mut().insert("x-name", latin1);
    request.extensions_mut().insert(WithoutCredentials);
    let api = rotating();
    let error = block_on(session(&api).execute(request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let source = error.source().unwrap().downcast_ref::<SendError>().unwrap();
    assert!(matches!(source, SendError::Header(name) if name == "x-name"));
    assert!(server.received().is_empty());
}

#[test]
fn an_invalid_url_is_an_invalid_request() {
    let request = Request::get("http://127.0.0.1:99999/").body(Body::empty());
    let error = block_on(transport().send(request.unwrap())).unwrap_err();
    assert_eq!(
        reauth_isahc::IsahcTransport::failure(&error),
        Failure::Invalid
    );
}
