//! What libcurl would resend by itself if a reused connection dies.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use http::{Method, Request};
use reauth_isahc::reauth::{Body, Connection, Failure, Transport};
use reauth_isahc::{IsahcTransport, SendError};
use support::raw::Raw;
use support::*;

/// A server that answers the first request of each connection, and closes at the second.
fn dying() -> Raw {
    Raw::start(|mut wire| {
        if wire.request().is_some() {
            wire.answer("200 OK");
            _ = wire.request();
        }
    })
}

fn request(method: &Method, server: &Raw, body: impl Into<Body>) -> Request<Body> {
    let request = Request::builder().method(method).uri(server.url());
    request.body(body.into()).unwrap()
}

/// The server read and processed the body, and the error is the same as after a GOAWAY.
#[test]
fn promise_1_a_body_that_libcurl_cannot_send_again_may_have_been_processed() {
    let (server, transport) = (dying(), transport());
    block_on(async {
        let warm = transport.send(request(&Method::GET, &server, "")).await;
        assert_eq!(warm.unwrap().status(), 200);
        let sent = transport.send(request(&Method::POST, &server, "text"));
        let error = sent.await.unwrap_err();
        assert!(matches!(error, SendError::BodyNotResent(_)), "{error:?}");
        assert_eq!(IsahcTransport::failure(&error), Failure::Other);
        assert_eq!(server.received()[1].body, b"text");
    });
}

/// Returns how often the server got the request, and whether it succeeded.
fn sent(method: &Method, body: &'static str) -> (usize, bool) {
    let (server, transport) = (dying(), transport());
    block_on(async {
        let warm = transport.send(request(&Method::GET, &server, "")).await;
        assert_eq!(warm.unwrap().status(), 200);
        let sent = transport.send(request(method, &server, body)).await;
        (server.received().len() - 1, sent.is_ok())
    })
}

#[test]
fn promise_1_a_body_is_never_sent_again_when_a_connection_dies() {
    for method in [
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::GET,
    ] {
        assert_eq!(sent(&method, "text"), (1, false), "{method}");
    }
}

#[test]
fn promise_1_what_is_not_idempotent_and_has_no_body_has_a_connection_of_its_own() {
    let lock = Method::from_bytes(b"LOCK").unwrap();
    for method in [Method::POST, Method::PATCH, lock] {
        assert_eq!(sent(&method, ""), (1, true), "{method}");
    }
}

#[test]
fn what_is_idempotent_and_has_no_body_is_sent_again_by_libcurl() {
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        assert_eq!(sent(&method, ""), (2, true), "{method}");
    }
}

#[test]
fn promise_9_a_token_call_reuses_no_connection() {
    let (server, transport) = (Raw::answering("200 OK"), transport());
    block_on(async {
        for body in ["text", "", "text"] {
            let warm = transport.send(request(&Method::GET, &server, ""));
            assert_eq!(warm.await.unwrap().status(), 200);
            let call =
                transport.send_token_call(request(&Method::POST, &server, body), Connection::Own);
            assert_eq!(call.await.unwrap().status(), 200);
        }
    });
    let connections: Vec<_> = server.received().iter().map(|r| r.connection).collect();
    assert_eq!(connections, [0, 1, 0, 2, 0, 3]);
}
