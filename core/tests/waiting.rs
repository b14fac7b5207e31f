//! How many requests may wait for a refresh.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::task::Poll;
use std::time::Duration;

use http::Request;
use reauth::{Body, ErrorKind, SessionBuilder};
use support::*;

fn scene(options: impl FnOnce(SessionBuilder<Wire>) -> SessionBuilder<Wire>) -> Scene {
    let scene = Scene::of(World::default(), token("a1", "r1"), options);
    scene.wire.accept("a2");
    scene
}

#[test]
fn promise_22_one_waiter_too_many_fails_at_once_and_one_that_leaves_makes_room() {
    let scene = scene(|builder| builder.max_waiting(2));
    let (mut first, mut second) = (scene.call(), scene.call());
    assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());

    let error = now(scene.call()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManyWaiting);
    assert!(error.is_transient() && !error.is_session_expired());
    assert_eq!(scene.wire.seen().len(), 1, "the others were never sent");

    // The first request is the one that drives.
    drop(first);
    let mut third = scene.call();
    assert!(poll(&mut third).is_pending());
    let full = now(scene.call()).unwrap_err();
    assert_eq!(full.kind(), ErrorKind::TooManyWaiting);

    scene.desk.will_grant("a2", "r2");
    assert_eq!(now(third).unwrap().status(), 200);
    // The second still has to be polled to see that its flight has landed; it counts no more.
    scene.wire.accept("a3");
    let (mut fourth, mut fifth) = (scene.call(), scene.call());
    assert!(poll(&mut fourth).is_pending() && poll(&mut fifth).is_pending());
    scene.desk.will_grant("a3", "r3");
    assert_eq!(now(fourth).unwrap().status(), 200);
    assert_eq!(now(fifth).unwrap().status(), 200);
    drop(second);
    assert_eq!(scene.desk.asked(), ["r1", "r2"]);
}

#[test]
fn promise_14_a_refused_request_that_may_not_wait_gets_its_refusal() {
    let scene = scene(|builder| builder.max_waiting(1));
    scene.wire.dawdle();
    let (mut first, mut second) = (scene.call(), scene.call());
    assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
    assert_eq!(scene.wire.seen().len(), 2, "both are in flight");
    let refused = (0..100).find_map(|_| {
        assert!(poll(&mut first).is_pending());
        match poll(&mut second) {
            Poll::Ready(answer) => Some(answer.unwrap_err()),
            Poll::Pending => None,
        }
    });
    let error = refused.expect("one too many");
    assert_eq!(error.kind(), ErrorKind::TooManyWaiting);
    assert_eq!(error.refused().unwrap().status(), 401);
}

#[test]
fn promise_2_any_number_waits_without_a_limit() {
    let scene = scene(|builder| builder);
    let mut herd: Vec<_> = (0..1_000).map(|_| scene.call()).collect();
    assert!(herd.iter_mut().all(|call| poll(call).is_pending()));
    scene.desk.will_grant("a2", "r2");
    assert!(
        herd.into_iter()
            .all(|call| now(call).unwrap().status() == 200)
    );
    assert_eq!(scene.desk.asked(), ["r1"]);
}

#[test]
fn promise_12_a_request_with_a_valid_token_goes_out_if_too_many_wait() {
    let world = World::default();
    let token = token("a1", "r1").with_expires_at(world.in_time(Duration::from_secs(100)));
    let scene = Scene::of(world, token, |builder| builder.max_waiting(1));
    scene.wire.accept("a1");
    scene.world.pass(Duration::from_secs(85));
    let once = || {
        let request = Request::post("https://api.example.com/books");
        scene
            .session
            .execute(request.body(Body::once(String::from("a stream"))).unwrap())
    };
    let mut renewing = Box::pin(once());
    assert!(poll(&mut renewing).is_pending());
    assert!(scene.wire.seen().is_empty());
    assert_eq!(now(once()).unwrap().status(), 200);
    assert_eq!(scene.wire.seen(), ["Bearer a1"]);
}
