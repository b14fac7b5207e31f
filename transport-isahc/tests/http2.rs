//! Uploads over HTTP/2, through a server that ends its connections with a GOAWAY.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use futures_util::stream::{self, StreamExt};
use http::{Request, Version};
use isahc::config::{Configurable, VersionNegotiation};
use reauth_conformance::Http2Server;
use reauth_isahc::reauth::{Body, Failure, Transport};
use reauth_isahc::{IsahcTransport, SendError, isahc};
use support::block_on;

const REQUESTS: usize = 320;
const AT_ONCE: usize = 32;
const GOAWAY_AFTER: usize = 10;

fn transport() -> IsahcTransport {
    let http2 = VersionNegotiation::http2();
    IsahcTransport::new(|client| client.proxy(None).version_negotiation(http2.clone())).unwrap()
}

/// Sends these at once, and returns the results in any order.
fn sent(
    transport: &IsahcTransport,
    requests: impl Iterator<Item = Request<Body>>,
) -> Vec<Result<Version, SendError>> {
    let sent = requests.map(|request| async {
        let answer = transport.send(request).await?;
        assert_eq!(answer.status(), 200);
        Ok(answer.version())
    });
    block_on(stream::iter(sent).buffer_unordered(AT_ONCE).collect())
}

fn post(server: &Http2Server, nth: usize) -> http::request::Builder {
    Request::post(format!("http://{}/{nth}", server.addr()))
}

#[test]
fn promise_15_an_upload_that_meets_a_goaway_says_so_and_arrives_once_at_most() {
    let transport = transport();
    // Whether a request is in flight when a GOAWAY comes is up to chance.
    for _ in 0..20 {
        let server = Http2Server::counting(Some(GOAWAY_AFTER)).unwrap();
        let requests = (0..REQUESTS).map(|nth| post(&server, nth).body("a book".into()).unwrap());
        let sent = sent(&transport, requests);
        assert!(server.arrived().values().all(|times| *times == 1));
        let errors: Vec<_> = sent.iter().filter_map(|sent| sent.as_ref().err()).collect();
        for error in &errors {
            assert!(matches!(error, SendError::BodyNotResent(_)), "{error:?}");
            assert_eq!(IsahcTransport::failure(error), Failure::Other);
            assert!(error.to_string().contains("GOAWAY"), "{error}");
        }
        assert!(server.arrived().len() >= REQUESTS - errors.len());
        if !errors.is_empty() {
            return;
        }
    }
    panic!("no upload met a GOAWAY");
}

#[test]
fn promise_15_an_upload_over_http11_meets_no_goaway_while_others_keep_http2() {
    let transport = transport();
    let server = Http2Server::counting(Some(GOAWAY_AFTER)).unwrap();
    let request = |nth| match nth % 2 {
        0 => post(&server, nth)
            .version_negotiation(VersionNegotiation::http11())
            .body("a book".into())
            .unwrap(),
        _ => Request::get(format!("http://{}/{nth}", server.addr()))
            .body(Body::empty())
            .unwrap(),
    };
    let sent: Result<Vec<_>, _> = sent(&transport, (0..REQUESTS).map(request))
        .into_iter()
        .collect();
    let sent = sent.unwrap();
    let over = |version| sent.iter().filter(|seen| **seen == version).count();
    let seen = (over(Version::HTTP_11), over(Version::HTTP_2));
    assert_eq!(seen, (REQUESTS / 2, REQUESTS / 2));
    assert_eq!(server.arrived().len(), REQUESTS);
    assert!(server.arrived().values().all(|times| *times == 1));
}
