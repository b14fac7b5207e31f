//! The driver keeps the promises, polled by hand.

#![allow(
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "tests may panic"
)]

mod support;

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use reauth::{ErrorKind, Reason, RefreshError, Session, TokenResponse, TokenUse};
use support::*;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_session_and_its_futures_go_anywhere() {
    fn anywhere<T: Clone + Send + Sync + 'static>(_: &T) {}
    fn sent<T: Send>(future: T) -> T {
        future
    }
    let scene = Scene::new();
    anywhere(&scene.session);
    drop(sent(scene.session.replace(token("a", "r"))));
    drop(sent(scene.session.sign_out()));
    drop(sent(scene.session.close()));
    drop(sent(scene.call()));
}

#[test]
fn promise_2_many_refused_requests_make_one_call() {
    for scene in [Scene::new(), Scene::with_spawner()] {
        scene.wire.accept("a2");
        let mut calls: Vec<_> = (0..64).map(|_| scene.call()).collect();
        for call in &mut calls {
            assert!(poll(call).is_pending());
        }
        scene.desk.will_grant("a2", "r2");
        for call in calls {
            assert_eq!(now(call).unwrap().status(), 200);
        }
        assert_eq!(scene.desk.asked(), ["r1"]);
        assert_eq!(scene.shelf.access_token().unwrap(), "a2");
    }
}

#[test]
fn promise_5_a_new_request_joins_the_flight_and_is_sent_once() {
    let scene = Scene::new();
    scene.wire.accept("a2");
    let mut refused = scene.call();
    assert!(poll(&mut refused).is_pending());
    let mut new = scene.call();
    assert!(poll(&mut new).is_pending());
    assert_eq!(scene.wire.seen(), ["Bearer a1"]);
    scene.desk.will_grant("a2", "r2");
    assert_eq!(now(new).unwrap().status(), 200);
    assert_eq!(now(refused).unwrap().status(), 200);
    assert_eq!(scene.wire.seen(), ["Bearer a1", "Bearer a2", "Bearer a2"]);
}

#[test]
fn promise_5_an_expired_token_is_not_sent_and_an_early_one_is() {
    let minute = 60 * SECOND;
    let world = World::with_spawner();
    let expires = std::time::SystemTime::UNIX_EPOCH + minute;
    let scene = Scene::of(world, token("a1", "r1").with_expires_at(expires), |b| b);
    scene.wire.accept("a1");
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.world.run(), 0, "too soon");

    // The margin of a minute is 6 seconds.
    scene.world.pass(55 * SECOND);
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.world.run(), 1, "one refresh beside them");
    assert_eq!(scene.desk.asked(), ["r1"]);

    scene.world.pass(5 * SECOND);
    let mut waits = scene.call();
    assert!(poll(&mut waits).is_pending());
    scene.wire.accept("a2");
    scene.desk.will_grant("a2", "r2");
    assert_eq!(scene.world.run(), 0);
    assert_eq!(now(waits).unwrap().status(), 200);
    let seen = scene.wire.seen();
    assert_eq!(seen, ["Bearer a1", "Bearer a1", "Bearer a1", "Bearer a2"]);
}

#[test]
fn promise_7_without_a_spawner_there_is_no_early_refresh() {
    let expires = std::time::SystemTime::UNIX_EPOCH + 60 * SECOND;
    let early = token("a1", "r1").with_expires_at(expires);
    let scene = Scene::of(World::default(), early, |builder| builder);
    scene.wire.accept("a1");
    scene.world.pass(59 * SECOND);
    assert_eq!(scene.status(), 200);
    assert!(scene.desk.asked().is_empty());
}

#[test]
fn promise_7_a_flight_that_everybody_left_is_finished_by_the_next() {
    let scene = Scene::new();
    scene.wire.accept("a2");
    let mut leaves = scene.call();
    assert!(poll(&mut leaves).is_pending());
    drop(leaves);
    scene.desk.will_grant("a2", "r2");
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.desk.asked(), ["r1"], "one call, by one of the rest");
    assert_eq!(scene.wire.seen(), ["Bearer a1", "Bearer a2"]);
}

#[test]
fn promise_7_a_flight_that_everybody_left_is_finished_by_its_task() {
    let scene = Scene::with_spawner();
    let mut leaves = scene.call();
    assert!(poll(&mut leaves).is_pending());
    drop(leaves);
    scene.desk.will_grant("a2", "r2");
    assert_eq!(scene.world.run(), 0);
    assert_eq!(scene.shelf.access_token().unwrap(), "a2");
}

#[test]
fn promise_7_a_flight_that_everybody_left_is_finished_by_close() {
    let scene = Scene::new();
    let mut leaves = scene.call();
    assert!(poll(&mut leaves).is_pending());
    drop(leaves);
    let mut close = Box::pin(scene.session.close());
    assert!(poll(&mut close).is_pending());
    scene.desk.will_grant("a2", "r2");
    now(close).unwrap();
    assert_eq!(scene.shelf.access_token().unwrap(), "a2");
}

#[test]
fn promise_7_dropping_the_last_session_loses_only_a_flight_without_a_task() {
    // A task drives the flight, so the store has the token for the next session.
    let scene = Scene::with_spawner();
    let mut leaves = scene.call();
    assert!(poll(&mut leaves).is_pending());
    drop((leaves, scene.session));
    scene.desk.will_grant("a2", "r2");
    assert_eq!(scene.world.run(), 0);
    assert_eq!(scene.shelf.access_token().unwrap(), "a2");

    // No task drives it: nothing of it is left.
    let scene = Scene::new();
    let kept = Arc::downgrade(&scene.shelf.kept);
    let mut leaves = scene.call();
    assert!(poll(&mut leaves).is_pending());
    drop((leaves, scene));
    assert!(kept.upgrade().is_none(), "the flight outlives its session");
}

#[test]
fn promise_8_a_refresher_that_never_answers_blocks_no_request_for_ever() {
    for scene in [Scene::new(), Scene::with_spawner()] {
        let mut calls: Vec<_> = (0..3).map(|_| scene.call()).collect();
        for call in &mut calls {
            assert!(poll(call).is_pending());
        }
        drop(calls.pop());
        assert_eq!(scene.wire.seen().len(), 1, "the others joined unsent");
        // Four fifths of 30 seconds.
        scene.world.pass(24 * SECOND);
        for call in calls {
            let error = now(call).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::RefreshUnknown);
        }
        assert_eq!(scene.desk.asked().len(), 1);
    }
}

#[test]
fn promise_8_a_panic_of_a_refresher_poisons_nothing_and_says_nothing() {
    let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
        builder.token_use(TokenUse::SingleUse)
    });
    scene.wire.accept("a2");
    scene.desk.will(Reply::Panic);
    let error = now(scene.call()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnknown);
    assert!(!format!("{error:?} {:?}", error.source()).contains("SECRET"));
    let again = now(scene.call()).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::RefreshUnknown);

    now(scene.session.replace(token("a2", "r2"))).unwrap();
    assert_eq!(scene.status(), 200);
}

#[test]
fn promise_11_everybody_in_a_rest_gets_the_same_error_with_the_time() {
    let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
        builder.refresh_retries(0)
    });
    scene.wire.accept("a2");
    let busy = RefreshError::transient("busy").with_retry_after(10 * SECOND);
    scene.desk.will(Reply::Error(busy));
    let first = now(scene.call()).unwrap_err();
    assert_eq!(first.retry_after(), Some(10 * SECOND));
    scene.world.pass(4 * SECOND);
    let second = now(scene.call()).unwrap_err();
    assert_eq!(second.retry_after(), Some(6 * SECOND));
    assert_eq!(second.kind(), ErrorKind::RefreshUnavailable);
    assert_eq!(
        second.source().unwrap().source().unwrap().to_string(),
        "busy"
    );
    assert_eq!(scene.desk.asked().len(), 1);

    scene.world.pass(6 * SECOND);
    scene.desk.will_grant("a2", "r2");
    assert_eq!(scene.status(), 200);
}

#[test]
fn promise_20_a_lifetime_is_counted_from_before_the_token_was_asked_for() {
    let scene = Scene::new();
    scene.wire.accept("a2");
    let mut call = scene.call();
    assert!(poll(&mut call).is_pending());
    scene.world.pass(10 * SECOND);
    let granted = TokenResponse::new("a2")
        .unwrap()
        .with_expires_in(60 * SECOND);
    scene.desk.will(Reply::Token(granted));
    assert_eq!(now(call).unwrap().status(), 200);
    scene.world.pass(49 * SECOND);
    assert_eq!(scene.status(), 200);
    scene.world.pass(SECOND);
    assert!(poll(&mut scene.call()).is_pending(), "it has expired");
}

#[test]
fn a_builder_says_what_is_missing() {
    use reauth::BuildErrorKind::{InsecureOrigin, InvalidOrigin, NoOrigin, NoRefresher, NoToken};
    let builder = || Session::builder(Wire::default());
    let whole = || {
        let builder = builder().origin("https://api.example.com");
        builder.refresher(Desk::default()).token(token("a", "r"))
    };
    assert!(whole().build().is_ok());
    for (built, kind) in [
        (builder().token(token("a", "r")), NoOrigin),
        (whole().origin("https://a/?b"), InvalidOrigin),
        (whole().origin("https://me:SECRET@a"), InvalidOrigin),
        (whole().origin("http://api.example.com"), InsecureOrigin),
        (
            builder().origin("https://a").token(token("a", "r")),
            NoRefresher,
        ),
        (
            builder().origin("https://a").refresher(Desk::default()),
            NoToken,
        ),
    ] {
        let error = built.build().unwrap_err();
        assert_eq!(error.kind(), kind);
        let told = format!("{error} {:?}", error.source());
        let names_setting = told.contains("SessionBuilder") || told.contains("origin");
        assert!(names_setting, "{told}");
        if kind == InsecureOrigin {
            assert!(told.contains("http://api.example.com"), "{told}");
        }
        assert!(!told.contains("SECRET"), "{told}");
        let about_origins = [InvalidOrigin, InsecureOrigin].contains(&kind);
        assert_eq!(error.source().is_some(), about_origins, "{told}");
    }
    assert!(
        whole()
            .insecure_origin("http://api.example.com")
            .build()
            .is_ok()
    );
    let opened = now(builder()
        .origin("https://a")
        .refresher(Desk::default())
        .open());
    assert!(opened.is_ok(), "a signed-out session, until replace");
}

#[test]
fn promise_19_debug_says_what_there_is_and_no_secret() {
    for origin in [
        "https://api.example.com",
        "https://me:SECRET@api.example.com",
    ] {
        let builder = Session::builder(Wire::default())
            .token(token("SECRET", "SECRET"))
            .refresher(Desk::default())
            .origin(origin);
        let shown = format!("{builder:?}");
        assert!(
            shown.contains("origin") && !shown.contains("SECRET"),
            "{shown}"
        );
        let shown = match builder.build() {
            Ok(session) => format!("{session:?}"),
            Err(error) => format!("{error:?} {error} {:?}", error.source()),
        };
        assert!(
            shown.contains("rigin") && !shown.contains("SECRET"),
            "{shown}"
        );
    }
}

fn stream(scene: &Scene) -> Answer {
    let request = http::Request::post("https://api.example.com/books");
    let stream = reauth::Body::once(String::from("a stream"));
    now(scene.session.execute(request.body(stream).unwrap()))
}

fn reason(answer: Answer) -> Option<Reason> {
    answer.unwrap().extensions().get().copied()
}

#[test]
fn promise_16_a_consumed_stream_begins_a_refresh_at_once_where_there_is_a_spawner() {
    let scene = Scene::with_spawner();
    scene.wire.accept("a2");
    scene.desk.will_grant("a2", "r2");
    assert_eq!(reason(stream(&scene)), Some(Reason::BodyNotReplayable));
    assert_eq!(scene.world.run(), 0);
    assert_eq!(scene.desk.asked(), ["r1"]);
    assert_eq!(stream(&scene).unwrap().status(), 200);
}

#[test]
fn promise_16_without_a_spawner_the_next_request_refreshes_and_close_does_not() {
    let scene = Scene::new();
    scene.wire.accept("a2");
    assert_eq!(reason(stream(&scene)), Some(Reason::BodyNotReplayable));
    now(scene.session.close()).unwrap();
    assert!(scene.desk.asked().is_empty(), "it has not departed");
    scene.desk.will_grant("a2", "r2");
    assert_eq!(stream(&scene).unwrap().status(), 200);
    assert_eq!(scene.wire.seen(), ["Bearer a1", "Bearer a2"]);
}

#[test]
fn a_stream_beyond_the_limit_of_refreshes_says_so() {
    let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
        builder.refresh_limit(1, 60 * SECOND)
    });
    scene.desk.will_grant("a2", "r2");
    assert_eq!(scene.status(), 401);
    // A refusal of a fresh token does not count.
    scene.world.pass(SECOND);
    assert_eq!(reason(stream(&scene)), Some(Reason::RefreshLimit));
}

#[test]
fn promise_17_an_origin_that_is_not_allowed_is_named() {
    let scene = Scene::new();
    for (target, told) in [
        ("https://evil.example.org/", "evil.example.org"),
        ("ftp://api.example.com/", "it needs http or https"),
        ("/books", "not absolute"),
    ] {
        let request = http::Request::get(target).body(()).unwrap();
        let error = now(scene.session.execute(request)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OriginNotAllowed);
        let source = error.source().unwrap().to_string();
        assert!(source.contains(told), "{source}");
    }
}

#[test]
fn a_session_without_a_token_gets_its_first_as_others_get_a_newer_one() {
    let (wire, desk) = (Wire::default(), Desk::default());
    let session = Session::builder(wire.clone())
        .origin("https://api.example.com")
        .refresher(desk.clone())
        .runtime(World::default())
        .without_token();
    let session = session.build().unwrap();
    let books = || {
        let request = http::Request::get("https://api.example.com/books");
        session.execute(request.body(()).unwrap())
    };
    wire.accept("a1");
    let (mut first, mut second) = (Box::pin(books()), Box::pin(books()));
    assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
    assert!(wire.seen().is_empty(), "nothing goes without a token");
    desk.will_grant("a1", "r1");
    assert_eq!(now(first).unwrap().status(), 200);
    assert_eq!(now(second).unwrap().status(), 200);
    assert_eq!(
        (wire.seen().len(), desk.asked()),
        (2, vec!["nothing".to_owned()])
    );

    now(session.sign_out()).unwrap();
    let error = now(books()).unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::SignedOut,
        "the session stays signed out"
    );
}
