//! How long a whole `execute` may take.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::time::Duration;

use http::Request;
use reauth::{ErrorKind, Timeout};
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
    // What was refused before is not forgotten.
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
