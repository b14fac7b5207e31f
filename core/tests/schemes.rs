//! How the token is attached: by exactly one header, under any name.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::convert::Infallible;
use std::future::ready;
use std::sync::{Arc, Mutex};

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use reauth::{Body, HeaderScheme, Session, SessionBuilder, Transport, from_fn};
use support::*;

const KEY: &str = "x-api-key";

type Seen = Arc<Mutex<Vec<HeaderMap>>>;

/// A server that accepts one key, and records what came.
fn server(
    seen: &Seen,
    accepts: &'static str,
) -> impl Transport<Response = Response<String>> + use<> {
    let seen = Arc::clone(seen);
    let send = move |request: Request<Body>| {
        let headers = request.headers().clone();
        let mut answer = Response::new(String::new());
        if headers.get(KEY).is_none_or(|key| key != accepts) {
            *answer.status_mut() = StatusCode::UNAUTHORIZED;
        }
        seen.lock().unwrap().push(headers);
        ready(Ok::<_, Infallible>(answer))
    };
    from_fn(send, World::default())
}

fn builder<T: Transport>(transport: T, desk: &Desk) -> SessionBuilder<T> {
    Session::builder(transport)
        .origin("https://api.example.com")
        .refresher(desk.clone())
        .token(token("a1", "r1"))
        .scheme(HeaderScheme::new("X-Api-Key").unwrap())
}

fn books() -> Request<Body> {
    let request = Request::get("https://api.example.com/books");
    request.body(Body::empty()).unwrap()
}

/// The credentials of each attempt.
fn keys(seen: &Seen) -> Vec<Vec<HeaderValue>> {
    let seen = seen.lock().unwrap();
    let keys = |headers: &HeaderMap| headers.get_all(KEY).iter().cloned().collect();
    seen.iter().map(keys).collect()
}

#[test]
fn promise_18_any_header_carries_the_token_and_its_replay() {
    let (seen, desk) = (Seen::default(), Desk::default());
    desk.will_grant("a2", "r2");
    let session = builder(server(&seen, "a2"), &desk).build().unwrap();
    let answer = now(session.execute(books())).unwrap();
    assert_eq!(answer.status(), 200);
    let keys = keys(&seen);
    assert_eq!(keys, [["a1"], ["a2"]]);
    assert!(keys.iter().flatten().all(HeaderValue::is_sensitive));
    let without = |headers: &HeaderMap| !headers.contains_key(AUTHORIZATION);
    assert!(seen.lock().unwrap().iter().all(without));

    let token = now(session.token()).unwrap();
    assert_eq!(token.access_token(), "a2");
    assert_eq!(
        (token.header().as_str(), token.authorization()),
        (KEY, &keys[1][0])
    );
    assert!(token.authorization().is_sensitive());
}

#[test]
fn promise_18_a_text_before_the_token_is_no_part_of_it() {
    let (seen, desk) = (Seen::default(), Desk::default());
    let scheme = HeaderScheme::with_prefix(KEY, "Token ").unwrap();
    let session = builder(server(&seen, "Token a1"), &desk).scheme(scheme);
    let session = session.build().unwrap();
    assert_eq!(now(session.execute(books())).unwrap().status(), 200);
    let token = now(session.token()).unwrap();
    assert_eq!(
        (token.access_token(), token.authorization().as_bytes()),
        ("a1", &b"Token a1"[..])
    );
}

#[test]
fn promise_18_the_callers_own_value_of_that_header_wins_and_its_401_is_data() {
    let (seen, desk) = (Seen::default(), Desk::default());
    let session = builder(server(&seen, "a2"), &desk).build().unwrap();
    let mut own = books();
    own.headers_mut()
        .insert(KEY, HeaderValue::from_static("own"));
    let answer = now(session.execute(own)).unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(keys(&seen), [["own"]]);
    assert!(desk.asked().is_empty());
}

#[test]
fn promise_18_no_hook_replaces_or_doubles_the_sessions_header() {
    let (seen, desk) = (Seen::default(), Desk::default());
    let session = builder(server(&seen, "a1"), &desk).before_attempt(|attempt| {
        let headers = attempt.headers_mut();
        headers.append(KEY, HeaderValue::from_static("another"));
        headers.append(KEY, HeaderValue::from_static("and one more"));
    });
    let session = session.build().unwrap();
    assert_eq!(now(session.execute(books())).unwrap().status(), 200);
    assert_eq!(keys(&seen), [["a1"]]);
}
