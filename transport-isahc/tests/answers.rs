//! The response, and what the client must not do by itself.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::error::Error as _;
use std::iter;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use http::Request;
use isahc::auth::{Authentication, Credentials};
use isahc::config::{Configurable, RedirectPolicy};
use isahc::net::Dialer;
use isahc::{AsyncReadResponseExt, HttpClient, HttpClientBuilder};
use reauth_isahc::reauth::{Body, Connection, ErrorKind, Failure, JsonGrant, Reason, Transport};
use reauth_isahc::{IsahcTransport, isahc};
use reauth_mock_api::{MockApi, Resource};
use support::raw::Raw;
use support::*;

fn get(server: &Raw) -> Request<Body> {
    Request::get(server.url()).body(Body::empty()).unwrap()
}

#[test]
fn promise_14_a_reason_stands_in_the_extensions_of_isahcs_own_response() {
    let api = rotating();
    api.resource(Resource::RefuseAll);
    let mut refused = block_on(books(&session(&api), &api)).unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(reason(&refused), Some(Reason::RefusedAgain));
    let body: serde_json::Value = block_on(refused.json()).unwrap();
    assert_eq!(body["error"], "invalid_token");
}

#[test]
fn promise_17_no_redirect_is_followed_whatever_the_client_and_the_request_say() {
    let server = Raw::answering("302 Found\r\nlocation: /elsewhere");
    let follow =
        |client: HttpClientBuilder| client.proxy(None).redirect_policy(RedirectPolicy::Follow);
    let client = follow(HttpClient::builder()).build().unwrap();
    let ready = IsahcTransport::from_client(client, follow).unwrap();
    for transport in [IsahcTransport::new(follow).unwrap(), ready] {
        let request = Request::get(server.url()).redirect_policy(RedirectPolicy::Follow);
        let request = request.body(Body::empty()).unwrap();
        assert_eq!(block_on(transport.send(request)).unwrap().status(), 302);
        let call = block_on(transport.send_token_call(get(&server), Connection::Own));
        assert_eq!(call.unwrap().status(), 302);
    }
    assert_eq!(server.received().len(), 4);
}

#[test]
fn promise_18_isahcs_own_authentication_adds_nothing_and_answers_no_challenge() {
    let server = Raw::answering("401 No\r\nwww-authenticate: Digest realm=\"a\", nonce=\"b\"");
    let options = |client: HttpClientBuilder| {
        let own = Credentials::new("user", "password");
        let client = client.proxy(None).credentials(own);
        client.authentication(Authentication::all())
    };
    let transport = IsahcTransport::new(options).unwrap();
    assert_eq!(
        block_on(transport.send(get(&server))).unwrap().status(),
        401
    );
    let received = server.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].header("authorization"), None);
}

#[test]
fn a_large_body_goes_to_servers_that_say_continue_that_do_not_and_that_refuse() {
    let large = || "x".repeat(2 << 20);
    let post = |server: &Raw| Request::post(server.url()).body(large().into()).unwrap();
    let polite = Raw::start(|mut wire| {
        let head = wire.head().unwrap();
        assert_eq!(head.header("expect"), Some("100-continue"));
        wire.write("HTTP/1.1 100 Continue\r\n\r\n");
        wire.body(head);
        wire.answer("200 OK");
    });
    for server in [polite, Raw::answering("200 OK")] {
        let sent = block_on(transport().send(post(&server)));
        assert_eq!(sent.unwrap().status(), 200);
        assert_eq!(server.received()[0].body.len(), 2 << 20);
    }

    let refusing = Raw::start(|mut wire| {
        let head = wire.head().unwrap();
        wire.answer("401 Unauthorized");
        wire.body(head);
    });
    let sent = block_on(transport().send(post(&refusing)));
    assert_eq!(sent.unwrap().status(), 401);
}

#[test]
fn an_expectation_that_fails_costs_no_second_body() {
    let server = Raw::start(|mut wire| {
        while let Some(head) = wire.head() {
            match head.header("expect") {
                Some(_) => wire.answer("417 Expectation Failed"),
                None => {
                    wire.body(head);
                    wire.answer("200 OK");
                }
            }
        }
    });
    let large = "x".repeat(2 << 20);
    let post = Request::post(server.url()).body(large.into()).unwrap();
    assert_eq!(block_on(transport().send(post)).unwrap().status(), 200);
    assert_eq!(server.received()[0].body.len(), 2 << 20);
}

fn failure(transport: &IsahcTransport, request: Request<Body>) -> Failure {
    IsahcTransport::failure(&block_on(transport.send(request)).unwrap_err())
}

#[test]
fn no_connection_is_told_from_no_answer() {
    let transport = transport();
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let refused = Request::get(format!("http://{closed}/")).body(Body::empty());
    assert_eq!(failure(&transport, refused.unwrap()), Failure::Connect);

    let breaking = Raw::start(|mut wire| drop(wire.request()));
    assert_eq!(failure(&transport, get(&breaking)), Failure::Other);
}

const PATIENCE: Duration = Duration::from_millis(300);

/// A request with its own timeout.
fn impatient(url: &str, body: &'static str) -> Request<Body> {
    let request = Request::post(url).timeout(PATIENCE);
    request.body(body.into()).unwrap()
}

#[test]
fn promise_11_a_connection_that_takes_too_long_sends_nothing() {
    // The queue is full, so the next connection has to wait.
    let full = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = full.local_addr().unwrap();
    let connect = || TcpStream::connect_timeout(&addr, PATIENCE).ok();
    let queue: Vec<_> = iter::from_fn(connect).collect();
    let url = format!("http://{addr}/");
    let failure = |request| failure(&transport(), request);
    assert_eq!(failure(impatient(&url, "a")), Failure::Connect, "{queue:?}");
    // Nothing shows here whether it was sent, so it may have been.
    assert_eq!(failure(impatient(&url, "")), Failure::Timeout, "{queue:?}");
}

#[test]
fn an_answer_that_takes_too_long_is_no_missing_connection() {
    let mute = Raw::start(|mut wire| {
        while let Some(request) = wire.request() {
            if request.line.starts_with("GET") {
                wire.answer("200 OK");
            }
        }
    });
    let transport = transport();
    let failure = |body| failure(&transport, impatient(&mute.url(), body));
    // The second request reuses the connection of the first.
    assert_eq!(failure("text"), Failure::Timeout);
    block_on(transport.send(get(&mute))).unwrap();
    assert_eq!(failure("text"), Failure::Timeout);
    assert_eq!(failure(""), Failure::Timeout);
    let connections: Vec<_> = mute.received().iter().map(|r| r.connection).collect();
    assert_eq!(connections, [0, 1, 1, 2]);
}

#[cfg(unix)]
#[test]
fn an_answer_that_takes_too_long_over_a_unix_socket_is_no_missing_connection() {
    let path = std::env::temp_dir().join(format!("reauth-isahc-{}", std::process::id()));
    let mute = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let mut request = Request::post("http://localhost/").timeout(PATIENCE);
    request = request.dial(Dialer::unix_socket(&path));
    let failure = failure(&transport(), request.body("text".into()).unwrap());
    std::fs::remove_file(path).unwrap();
    assert_eq!(failure, Failure::Timeout, "{mute:?}");
}

#[test]
fn a_failure_of_the_client_is_in_the_chain_of_sources() {
    let api = MockApi::start().unwrap();
    let session = session(&api);
    let request = books_of(&api);
    drop(api);
    let error = block_on(session.execute(request)).unwrap_err();
    assert!(error.is_connect() && error.is_transient());
    let source = error.source().unwrap().source().unwrap();
    let source = source.downcast_ref::<isahc::Error>().unwrap();
    assert_eq!(source.kind(), isahc::error::ErrorKind::ConnectionFailed);
}

#[test]
fn promise_11_a_refusal_whose_body_breaks_off_is_the_refusal_that_its_head_says() {
    let api = MockApi::start().unwrap();
    let busy = Raw::start(|mut wire| {
        wire.request();
        wire.write("HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 100\r\n\r\ncut");
    });
    let session = builder(&api).grant(JsonGrant::new(&busy.url()).unwrap());
    let error = block_on(books(&session.build().unwrap(), &api)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
    assert!(error.retry_after().unwrap() > Duration::from_secs(6));
}
