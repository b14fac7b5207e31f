//! What a grant over a transport sends, and what it does with odd response bodies.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::future::ready;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use http::{Request, Response, StatusCode};
use reauth::{
    Body, Error, ErrorKind, JsonGrant, Session, SessionBuilder, TokenUse, Transport, from_fn,
};
use support::*;

const SECOND: Duration = Duration::from_secs(1);

/// A session whose refresh token does not survive a lost response; its token endpoint answers this.
fn session<A>(
    world: &World,
    answer: A,
) -> Session<impl Transport<Response = Response<Body>> + use<A>>
where
    A: Fn() -> Response<Body> + Send + Sync + 'static,
{
    let send = move |request: Request<Body>| {
        ready(Ok::<_, std::io::Error>(match request.uri().path() {
            "/token" => {
                assert_eq!(request.headers()[ACCEPT_ENCODING], "identity");
                answer()
            }
            _ if request.headers()["authorization"] == "Bearer a2" => Response::default(),
            _ => {
                let mut refusal = Response::default();
                *refusal.status_mut() = StatusCode::UNAUTHORIZED;
                refusal
            }
        }))
    };
    let builder: SessionBuilder<_> = Session::builder(from_fn(send, world.clone()));
    builder
        .origin("https://api.example.com")
        .grant(JsonGrant::new("https://api.example.com/token").unwrap())
        .token(token("a1", "r1"))
        .token_use(TokenUse::SingleUse)
        .refresh_retries(0)
        .build()
        .unwrap()
}

fn books() -> Request<()> {
    Request::get("https://api.example.com/books")
        .body(())
        .unwrap()
}

/// Each cause, one after another.
fn causes(error: &Error) -> String {
    let mut causes = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        causes += &format!(": {error}");
        cause = error.source();
    }
    causes
}

fn pieces(pieces: impl IntoIterator<Item = &'static str>) -> Vec<Result<Bytes, std::io::Error>> {
    let bytes = |piece: &'static str| Ok(Bytes::from_static(piece.as_bytes()));
    pieces.into_iter().map(bytes).collect()
}

const GRANTED: [&str; 2] = [r#"{"access_token":"a2","#, r#""refresh_token":"r2"}"#];

#[test]
fn promise_10_a_whole_object_is_committed_whatever_breaks_behind_it() {
    for end in ["stall", "reset", "bytes"] {
        let world = World::default();
        let session = session(&world, move || {
            let token = stream::iter(pieces(GRANTED));
            Response::new(match end {
                "stall" => Body::stream(token.chain(stream::pending())),
                "reset" => {
                    let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
                    Body::stream(token.chain(stream::iter([Err(reset)])))
                }
                _ => Body::stream(token.chain(stream::iter(pieces(["<!-- 12 ms -->"])))),
            })
        });
        let mut call = Box::pin(session.execute(books()));
        if end == "stall" {
            assert!(poll(&mut call).is_pending());
            world.pass(SECOND / 4);
        }
        assert_eq!(now(call).unwrap().status(), 200, "{end}");
    }
}

#[test]
fn promise_9_half_an_object_is_not_committed() {
    let world = World::default();
    let session = session(&world, || {
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let half = stream::iter(pieces([GRANTED[0]]));
        Response::new(Body::stream(half.chain(stream::iter([Err(reset)]))))
    });
    let error = now(session.execute(books())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnknown);
}

#[test]
fn promise_19_an_answer_that_is_too_long_says_so() {
    let world = World::default();
    let session = session(&world, || {
        let long = " ".repeat(100 * 1024);
        Response::new(Body::from(format!("{{{long}")))
    });
    let error = now(session.execute(books())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnknown);
    assert!(
        causes(&error).contains("longer than 64 KiB"),
        "{}",
        causes(&error)
    );
}

// It is not unpacked, because the request did not ask for it.
#[test]
fn an_answer_that_is_packed_all_the_same_says_so() {
    let world = World::default();
    let session = session(&world, || {
        let mut packed = Response::new(Body::from(vec![0x1f, 0x8b, 8]));
        let gzip = "gzip".parse().unwrap();
        packed.headers_mut().insert(CONTENT_ENCODING, gzip);
        packed
    });
    let error = now(session.execute(books())).unwrap_err();
    assert!(causes(&error).contains("gzip"), "{}", causes(&error));
}

#[test]
fn promise_9_a_refusal_whose_body_stalls_is_read_by_its_head() {
    for (status, kind) in [
        (429, ErrorKind::RefreshUnavailable),
        (403, ErrorKind::RefreshMisconfigured),
        (401, ErrorKind::SessionExpired),
        (502, ErrorKind::RefreshUnknown),
    ] {
        let world = World::default();
        let session = session(&world, move || {
            let stalls = stream::iter(pieces(["<html>"])).chain(stream::pending());
            let mut answer = Response::new(Body::stream(stalls));
            *answer.status_mut() = StatusCode::from_u16(status).unwrap();
            answer
        });
        let mut call = Box::pin(session.execute(books()));
        assert!(poll(&mut call).is_pending());
        world.pass(5 * SECOND);
        assert_eq!(now(call).unwrap_err().kind(), kind, "{status}");
    }
}
