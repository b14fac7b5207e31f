//! The time limit of a whole `execute`.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::convert::Infallible;
use std::future::ready;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::SERVER;
use http::{Request, Response, StatusCode};
use http_body::Frame;
use reauth::{Body, ErrorKind, Session, Timeout, from_fn};
use support::*;

const SECOND: Duration = Duration::from_secs(1);

fn scene() -> Scene {
    Scene::of(World::default(), token("a1", "r1"), |builder| {
        builder.timeout(5 * SECOND)
    })
}

#[test]
fn promise_8_an_execute_that_runs_out_leaves_the_flight_up_for_the_others() {
    let scene = scene();
    let mut first = scene.call();
    assert!(poll(&mut first).is_pending());
    scene.world.pass(3 * SECOND);
    let mut second = scene.call();
    assert!(poll(&mut second).is_pending());

    scene.world.pass(2 * SECOND);
    let error = now(first).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.is_timeout());
    // The earlier refusal is part of the error.
    assert_eq!(error.refused().unwrap().status(), 401);
    assert_eq!(error.refused().unwrap().body(), "body");

    scene.wire.accept("a2");
    scene.desk.will_grant("a2", "r2");
    assert_eq!(now(second).unwrap().status(), 200);
    assert_eq!(scene.desk.asked(), ["r1"]);
}

#[test]
fn promise_8_the_deadline_covers_the_attempt_and_its_replay() {
    for (answered, refused) in [(0, false), (1, true)] {
        let scene = scene();
        scene.wire.answer_only(answered);
        scene.desk.will_grant("a2", "r2");
        let mut call = scene.call();
        assert!(poll(&mut call).is_pending());
        scene.world.pass(4 * SECOND);
        assert!(poll(&mut call).is_pending(), "it has a second left");
        scene.world.pass(SECOND);
        let error = now(call).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(error.refused().is_some(), refused);
        assert_eq!(scene.wire.seen().len(), answered + 1);
    }
}

/// A body that yields one piece and then nothing.
#[derive(Debug)]
struct Dripping(Option<Bytes>);

impl http_body::Body for Dripping {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.0.take() {
            Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            None => Poll::Pending,
        }
    }
}

#[test]
fn promise_14_time_that_runs_out_while_a_401_is_drained_forgets_nothing_of_it() {
    let world = World::default();
    let client = |_: Request<Body>| {
        let mut response = Response::new(Dripping(Some("a pie".into())));
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        response
            .headers_mut()
            .insert(SERVER, "slow".parse().unwrap());
        ready(Ok::<_, Infallible>(response))
    };
    let session = Session::builder(from_fn(client, world.clone()))
        .origin("https://api.example.com")
        .refresher(Desk::default())
        .token(token("a1", "r1"))
        .timeout(SECOND / 10)
        .build()
        .unwrap();
    let request = Request::get("https://api.example.com/books");
    let mut call = Box::pin(session.execute(request.body(()).unwrap()));
    assert!(poll(&mut call).is_pending(), "it is drained");
    world.pass(SECOND / 10);
    let error = now(call).unwrap_err();
    assert!(error.is_timeout());
    let refused = error.refused().expect("the 401");
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.headers()[SERVER], "slow");
    assert_eq!(refused.body(), "a pie");
}

#[test]
fn a_request_may_have_a_timeout_of_its_own() {
    let scene = scene();
    scene.wire.answer_only(0);
    let request = Request::get("https://api.example.com/books");
    let mut request = request.body(()).unwrap();
    request.extensions_mut().insert(Timeout(SECOND));
    let mut call = Box::pin(scene.session.execute(request));
    assert!(poll(&mut call).is_pending());
    scene.world.pass(SECOND);
    assert!(now(call).unwrap_err().is_timeout());
}

#[test]
fn a_timeout_of_any_length_is_one() {
    let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
        builder.timeout(Duration::MAX)
    });
    scene.wire.accept("a1");
    assert_eq!(scene.status(), 200);
}
