//! One refresh whose token server is not what one would wish.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::time::Duration;

use http::Request;
use reauth::machine::TokenUse;
use reauth::{ErrorKind, RefreshError, Session, TokenResponse};
use support::*;

const SECOND: Duration = Duration::from_secs(1);

fn scene(token_use: TokenUse) -> Scene {
    let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
        builder.token_use(token_use)
    });
    scene.wire.accept("a2");
    scene
}

fn busy() -> Reply {
    Reply::Error(RefreshError::transient("busy"))
}

fn lost() -> Reply {
    Reply::Error(RefreshError::unknown("lost"))
}

fn kind(call: Call) -> ErrorKind {
    now(call).unwrap_err().kind()
}

/// Its next request, after a rest.
fn next(scene: &Scene) -> Call {
    scene.world.pass(SECOND);
    scene.call()
}

#[test]
fn promise_11_a_refresh_that_was_not_processed_is_tried_again_while_its_requests_wait() {
    let scene = scene(TokenUse::Learn);
    let (mut first, mut second) = (scene.call(), scene.call());
    scene.desk.will(busy());
    let later = RefreshError::transient("busy").with_retry_after(5 * SECOND);
    scene.desk.will(Reply::Error(later));
    scene.desk.will_grant("a2", "r2");
    for (pause, asked) in [(SECOND, 1), (5 * SECOND, 2)] {
        assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
        assert_eq!(scene.desk.asked().len(), asked);
        scene.world.pass(pause - SECOND / 2);
        assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
        assert_eq!(scene.desk.asked().len(), asked, "it pauses");
        scene.world.pass(SECOND / 2);
    }
    assert_eq!(now(first).unwrap().status(), 200);
    assert_eq!(now(second).unwrap().status(), 200);
    assert_eq!(scene.desk.asked(), ["r1"; 3]);
}

#[test]
fn promise_11_at_most_twice_and_then_whoever_waits_has_the_same_error() {
    let scene = scene(TokenUse::Learn);
    let (mut first, mut second) = (scene.call(), scene.call());
    for _ in 0..2 {
        scene.desk.will(busy());
        assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
        scene.world.pass(2 * SECOND);
    }
    scene.desk.will(busy());
    for call in [first, second] {
        assert_eq!(kind(call), ErrorKind::RefreshUnavailable);
    }
    assert_eq!(scene.desk.asked(), ["r1"; 3]);
    assert_eq!(
        kind(scene.call()),
        ErrorKind::RefreshUnavailable,
        "it rests"
    );
    assert_eq!(scene.desk.asked().len(), 3);
}

#[test]
fn promise_8_a_pause_that_does_not_fit_the_deadline_is_none() {
    let scene = scene(TokenUse::Learn);
    let later = RefreshError::transient("busy").with_retry_after(24 * SECOND);
    scene.desk.will(Reply::Error(later));
    let error = now(scene.call()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
    assert_eq!(error.retry_after(), Some(24 * SECOND));
}

#[test]
fn promise_9_a_try_after_a_pause_reads_the_store_first() {
    let scene = scene(TokenUse::Learn);
    scene.wire.accept("a7");
    let mut call = scene.call();
    scene.desk.will(busy());
    assert!(poll(&mut call).is_pending(), "it pauses");
    // Somebody else was not turned away, and r1 is spent.
    scene.shelf.put(&token("a7", "r7"));
    scene.world.pass(SECOND);
    assert_eq!(now(call).unwrap().status(), 200);
    assert_eq!(scene.desk.asked(), ["r1"]);
}

#[test]
fn promise_20_a_token_that_was_granted_after_a_pause_has_its_whole_lifetime() {
    let scene = scene(TokenUse::Learn);
    let mut call = scene.call();
    let later = RefreshError::transient("busy").with_retry_after(10 * SECOND);
    scene.desk.will(Reply::Error(later));
    assert!(poll(&mut call).is_pending(), "it pauses");
    scene.world.pass(10 * SECOND);
    let granted = TokenResponse::new("a2").unwrap();
    scene
        .desk
        .will(Reply::Token(granted.with_expires_in(5 * SECOND)));
    assert_eq!(now(call).unwrap().status(), 200);
    scene.world.pass(4 * SECOND);
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.desk.asked().len(), 2);
}

#[test]
fn promise_9_a_try_whose_pause_nobody_waited_out_does_not_begin_where_it_may_be_cut() {
    for (left_alone, begins) in [(10, true), (20, false), (3600, false)] {
        let scene = scene(TokenUse::Learn);
        let mut call = scene.call();
        scene.desk.will(busy());
        assert!(poll(&mut call).is_pending(), "it pauses");
        drop(call);
        scene.world.pass(left_alone * SECOND);
        let mut late = scene.call();
        if begins {
            scene.desk.will_grant("a2", "r2");
            assert_eq!(now(late).unwrap().status(), 200);
        } else {
            let landed = poll(&mut late).map(|answer| answer.unwrap_err().kind());
            let unavailable = std::task::Poll::Ready(ErrorKind::RefreshUnavailable);
            assert_eq!(landed, unavailable, "{left_alone}");
            assert_eq!(scene.desk.asked(), ["r1"], "{left_alone}");
            // Nothing is lost.
            scene.desk.will_grant("a2", "r2");
            assert_eq!(now(next(&scene)).unwrap().status(), 200);
        }
    }
}

#[test]
fn promise_8_the_last_look_at_the_store_has_its_share_of_the_deadline() {
    let scene = scene(TokenUse::Learn);
    scene.shelf.be(Mood::HangsToSave);
    let mut call = scene.call();
    assert!(poll(&mut call).is_pending());
    scene.world.pass(6 * SECOND);
    assert!(poll(&mut call).is_pending());
    assert_eq!(scene.desk.asked(), ["r1"]);
    scene.world.pass(17 * SECOND);
    scene.desk.will(lost());
    assert!(poll(&mut call).is_pending());
    scene.world.pass(5 * SECOND);
    scene.shelf.be(Mood::HangsToLoad);
    assert!(poll(&mut call).is_pending());
    // The 30 seconds of the whole refresh.
    scene.world.pass(2 * SECOND);
    assert_eq!(kind(call), ErrorKind::RefreshUnknown);
}

#[test]
fn promise_13_a_sign_in_during_a_pause_spends_nobody_elses_token() {
    let scene = scene(TokenUse::Learn);
    let mut call = scene.call();
    scene.desk.will(busy());
    assert!(poll(&mut call).is_pending());
    now(scene.session.replace(token("b1", "s1"))).unwrap();
    scene.world.pass(SECOND);
    assert_eq!(kind(call), ErrorKind::Superseded);
    assert_eq!(scene.desk.asked(), ["r1"], "and s1 was not sent");
}

#[test]
fn promise_9_a_lost_answer_is_tried_again_once_where_that_is_allowed_by_name() {
    let scene = scene(TokenUse::RetryOnce);
    scene.desk.will(lost());
    assert_eq!(kind(scene.call()), ErrorKind::RefreshUnknown);
    scene.desk.will(lost());
    assert_eq!(kind(next(&scene)), ErrorKind::RefreshUnknown);
    assert_eq!(kind(next(&scene)), ErrorKind::RefreshUnknown);
    assert_eq!(scene.desk.asked(), ["r1"; 2]);
}

#[test]
fn promise_9_only_a_sign_in_helps_once_the_session_asks_no_more() {
    let scene = scene(TokenUse::RetryOnce);
    for (asks_again, reply) in [(true, Some(lost())), (false, Some(lost())), (false, None)] {
        reply.into_iter().for_each(|reply| scene.desk.will(reply));
        let error = now(next(&scene)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RefreshUnknown);
        assert_eq!(error.retry_after().is_some(), asks_again);
        assert_eq!(error.is_transient(), asks_again);
        assert_eq!(error.is_session_expired(), !asks_again);
    }
}

#[test]
fn promise_9_a_session_without_a_token_has_none_to_lose() {
    let (wire, desk, world) = (Wire::default(), Desk::default(), World::default());
    let builder = Session::builder(wire.clone())
        .origin("https://api.example.com")
        .runtime(world.clone())
        .refresher(desk.clone());
    let session = builder.without_token().build().unwrap();
    wire.accept("a1");
    let call = || {
        let request = Request::get("https://api.example.com/books");
        now(session.execute(request.body(()).unwrap()))
    };
    desk.will(lost());
    assert_eq!(call().unwrap_err().kind(), ErrorKind::RefreshUnknown);
    world.pass(SECOND);
    desk.will(Reply::Token(TokenResponse::new("a1").unwrap()));
    assert_eq!(call().unwrap().status(), 200);
    assert_eq!(desk.asked(), ["nothing"; 2]);
}

#[test]
fn promise_9_within_its_grace_a_refresh_token_is_sent_again_and_after_it_is_not() {
    let scene = scene(TokenUse::Grace(3 * SECOND));
    scene.desk.will(lost());
    assert_eq!(kind(scene.call()), ErrorKind::RefreshUnknown);
    scene.desk.will(lost());
    let again = now(next(&scene)).unwrap_err();
    assert_eq!(again.retry_after(), Some(SECOND));
    scene.world.pass(2 * SECOND);
    let ended = now(scene.call()).unwrap_err();
    assert_eq!(ended.kind(), ErrorKind::RefreshUnknown);
    assert_eq!(ended.retry_after(), None, "sign in again");
    assert!(ended.is_session_expired());
    assert_eq!(scene.desk.asked(), ["r1"; 2]);
}

#[test]
fn promise_9_a_grace_that_ends_before_the_call_is_not_outlived_by_it() {
    let scene = scene(TokenUse::Grace(2 * SECOND));
    scene.desk.will(lost());
    assert_eq!(kind(scene.call()), ErrorKind::RefreshUnknown);
    scene.shelf.be(Mood::HangsToLoad);
    let mut late = next(&scene);
    assert!(poll(&mut late).is_pending());
    scene.world.pass(2 * SECOND);
    scene.shelf.be(Mood::Works);
    assert_eq!(kind(late), ErrorKind::RefreshUnknown);
    assert_eq!(scene.desk.asked(), ["r1"], "it was not sent");
}

#[test]
fn promise_9_where_a_token_is_refused_or_lost_the_store_is_read_once_more() {
    for reply in [lost(), Reply::Error(RefreshError::refused("revoked"))] {
        let scene = scene(TokenUse::Learn);
        scene.wire.accept("a7");
        let mut call = scene.call();
        assert!(poll(&mut call).is_pending());
        assert_eq!(scene.desk.asked(), ["r1"]);
        // Somebody else was faster.
        scene.shelf.put(&token("a7", "r7"));
        scene.desk.will(reply);
        assert_eq!(now(call).unwrap().status(), 200);
        assert_eq!(scene.desk.asked().len(), 1);
    }
}

#[test]
fn promise_5_a_token_of_one_second_makes_one_refresh_a_second_and_not_one_a_request() {
    let world = World::with_spawner();
    let first = token("a1", "r1").with_expires_at(world.in_time(SECOND));
    let scene = Scene::of(world.clone(), first, |builder| builder);
    let mut accepted = 1;
    for tick in 0..1_000_u32 {
        // Ten requests in each tenth of a second, and a server that forgets the token before.
        scene.wire.accept(&format!("a{accepted}"));
        for _ in 0..10 {
            let mut call = scene.call();
            if poll(&mut call).is_pending() {
                accepted += 1;
                scene.wire.accept(&format!("a{accepted}"));
                let granted = TokenResponse::new(format!("a{accepted}")).unwrap();
                scene
                    .desk
                    .will(Reply::Token(granted.with_expires_in(SECOND)));
                assert_eq!(now(call).unwrap().status(), 200, "tick {tick}");
            }
        }
        world.run();
        world.pass(SECOND / 10);
    }
    let refreshes = scene.desk.asked().len();
    assert!(
        (100..=112).contains(&refreshes),
        "{refreshes} in 100 seconds"
    );
}
