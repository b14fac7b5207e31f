//! The store gets every token, in order, and overwrites nothing that another holder wrote.

#![allow(
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "tests may panic"
)]

mod support;

use std::error::Error as _;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use reauth::store::TokenStore as _;
use reauth::{ErrorKind, RefreshError, Session};
use support::*;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn promise_10_a_save_that_fails_is_tried_again_and_the_token_is_published() {
    for mood in [Mood::FailsToSave, Mood::PanicsToSave] {
        let scene = Scene::new();
        scene.wire.accept("a2");
        let mut call = scene.call();
        assert!(poll(&mut call).is_pending());
        scene.shelf.be(mood);
        scene.desk.will_grant("a2", "r2");
        assert_eq!(now(call).unwrap().status(), 200, "{mood:?}");
        assert_eq!(scene.shelf.access_token().unwrap(), "a1");

        let error = now(scene.session.close()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        assert!(!format!("{:?}", error.source()).contains("SECRET"));
        scene.shelf.be(Mood::Works);
        now(scene.session.close()).unwrap();
        assert_eq!(scene.shelf.access_token().unwrap(), "a2", "{mood:?}");
    }
}

#[test]
fn promise_10_a_save_that_hangs_has_its_share_of_the_deadline() {
    let scene = Scene::new();
    scene.wire.accept("a2");
    let mut call = scene.call();
    assert!(poll(&mut call).is_pending());
    scene.shelf.be(Mood::HangsToSave);
    scene.desk.will_grant("a2", "r2");
    assert!(poll(&mut call).is_pending());
    scene.world.pass(6 * SECOND);
    assert_eq!(now(call).unwrap().status(), 200);
    scene.shelf.be(Mood::Works);
    now(scene.session.close()).unwrap();
    assert_eq!(scene.shelf.access_token().unwrap(), "a2");
}

#[test]
fn promise_9_a_store_that_cannot_be_read_makes_no_call() {
    for (mood, wait) in [(Mood::FailsToLoad, 0), (Mood::HangsToLoad, 24)] {
        let scene = Scene::new();
        scene.wire.accept("a2");
        now(scene.session.close()).unwrap();
        scene.shelf.be(mood);
        let mut call = scene.call();
        if wait > 0 {
            assert!(poll(&mut call).is_pending());
            scene.world.pass(wait * SECOND);
        }
        let error = now(call).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RefreshUnavailable, "{mood:?}");
        assert!(scene.desk.asked().is_empty());

        scene.shelf.be(Mood::Works);
        scene.world.pass(error.retry_after().unwrap());
        scene.desk.will_grant("a2", "r2");
        assert_eq!(scene.status(), 200, "{mood:?}");
    }
}

#[test]
fn promise_9_a_newer_token_in_the_store_is_adopted_without_a_call() {
    let scene = Scene::new();
    scene.wire.accept("a9");
    now(scene.session.close()).unwrap();
    scene.shelf.put(&token("a9", "r9"));
    assert_eq!(scene.status(), 200);
    assert!(scene.desk.asked().is_empty());
}

#[test]
fn promise_9_an_expired_token_in_the_store_is_refreshed_with_its_own_refresh_token() {
    let scene = Scene::new();
    scene.wire.accept("a10");
    now(scene.session.close()).unwrap();
    let expired = token("a9", "r9").with_expires_at(SystemTime::UNIX_EPOCH);
    scene.shelf.put(&expired);
    scene.desk.will_grant("a10", "r10");
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.desk.asked(), ["r9"]);
    assert_eq!(scene.shelf.access_token().unwrap(), "a10");
}

#[test]
fn promise_9_a_refresh_token_that_was_rotated_alone_is_the_one_to_use() {
    // A server may return an access token that is still valid, and rotate the refresh token.
    let scene = Scene::new();
    scene.wire.accept("a2");
    now(scene.session.close()).unwrap();
    scene.shelf.put(&token("a1", "r9"));
    scene.desk.will_grant("a2", "r2");
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.desk.asked(), ["r9"], "r1 is spent");
    assert_eq!(scene.shelf.access_token().unwrap(), "a2");
}

#[test]
fn promise_9_a_store_that_was_erased_is_a_sign_out() {
    let scene = Scene::new();
    now(scene.session.close()).unwrap();
    scene.shelf.sign_in(None);
    let error = now(scene.call()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Superseded);
    assert_eq!(error.refused().unwrap().status(), 401);
    let error = now(scene.call()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignedOut);
    assert!(scene.desk.asked().is_empty());
}

#[test]
fn promise_10_a_refresh_does_not_write_over_what_somebody_else_wrote_meanwhile() {
    let scene = Scene::new();
    scene.wire.accept("a9");
    let mut call = scene.call();
    assert!(poll(&mut call).is_pending());
    scene.shelf.put(&token("a9", "r9"));
    scene.desk.will_grant("a2", "r2");
    let saved = scene.session.counts().saved;
    assert_eq!(now(call).unwrap().status(), 200);
    assert_eq!(scene.shelf.access_token().unwrap(), "a9");
    assert_eq!(scene.session.counts().saved, saved, "theirs stays");
}

#[test]
fn promise_13_the_last_word_in_the_store_is_the_fences() {
    // The flight is in the middle of its save, and only the fence drives it.
    let scene = Scene::new();
    now(scene.session.close()).unwrap();
    scene.shelf.be(Mood::HangsToSave);
    scene.desk.will_grant("a2", "r2");
    let mut call = scene.call();
    assert!(poll(&mut call).is_pending());

    let mut replace = Box::pin(scene.session.replace(token("a9", "r9")));
    assert!(poll(&mut replace).is_pending());
    scene.shelf.be(Mood::Works);
    now(replace).unwrap();
    assert_eq!(scene.shelf.access_token().unwrap(), "a9");
    let error = now(call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Superseded);
    scene.wire.accept("a9");
    assert_eq!(scene.status(), 200);
    now(scene.session.close()).unwrap();
    assert_eq!(scene.shelf.access_token().unwrap(), "a9");
}

#[test]
fn promise_13_a_dropped_replace_is_in_force_and_kept_later() {
    let scene = Scene::new();
    scene.shelf.be(Mood::HangsToSave);
    let mut replace = Box::pin(scene.session.replace(token("a9", "r9")));
    assert!(poll(&mut replace).is_pending());
    drop(replace);
    scene.wire.accept("a9");
    assert_eq!(scene.status(), 200);
    scene.shelf.be(Mood::Works);
    now(scene.session.close()).unwrap();
    assert_eq!(scene.shelf.access_token().unwrap(), "a9");
}

#[test]
fn promise_13_no_request_waits_for_a_flight_that_a_sign_out_overtook() {
    let scene = Scene::new();
    let mut waits = scene.call();
    assert!(poll(&mut waits).is_pending());
    let asked = scene.desk.asked().len();
    now(scene.session.sign_out()).unwrap();
    let mut late = scene.call();
    let Poll::Ready(Err(error)) = poll(&mut late) else {
        panic!("no request may wait for a token that is gone");
    };
    assert_eq!(error.kind(), ErrorKind::SignedOut);
    assert_eq!(scene.desk.asked().len(), asked);
}

#[test]
fn promise_13_an_overtaken_flight_does_not_write_even_after_its_session_is_gone() {
    for fence in ["sign_out", "replace"] {
        let scene = Scene::with_spawner();
        let mut leaves = scene.call();
        assert!(poll(&mut leaves).is_pending());
        let last = match fence {
            "sign_out" => {
                now(scene.session.sign_out()).unwrap();
                None
            }
            _ => {
                now(scene.session.replace(token("a9", "r9"))).unwrap();
                Some("a9".to_owned())
            }
        };
        drop((leaves, scene.session));
        scene.desk.will_grant("a2", "r2");
        assert_eq!(scene.world.run(), 0);
        assert_eq!(scene.shelf.access_token(), last, "{fence}");
    }
}

#[test]
fn promise_13_a_flight_that_is_overtaken_before_it_asks_asks_nothing() {
    let scene = Scene::with_spawner();
    now(scene.session.close()).unwrap();
    scene.shelf.be(Mood::HangsToLoad);
    let mut waits = scene.call();
    assert!(poll(&mut waits).is_pending());
    let mut replace = Box::pin(scene.session.replace(token("a9", "r9")));
    assert!(poll(&mut replace).is_pending());
    scene.shelf.be(Mood::Works);
    scene.world.run();
    now(replace).unwrap();
    assert_eq!(now(waits).unwrap_err().kind(), ErrorKind::Superseded);
    assert!(scene.desk.asked().is_empty());
}

#[test]
fn promise_13_a_sign_in_keeps_its_force_until_the_store_has_heard_of_it() {
    let scene = Scene::new();
    scene.shelf.be(Mood::FailsToSave);
    let error = now(scene.session.replace(token("a2", "r2"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    scene.wire.accept("a2");
    assert_eq!(scene.status(), 200);
    // Another holder refreshes the token of the sign-in before.
    scene.shelf.put(&token("alice", "ra"));
    scene.shelf.be(Mood::Works);
    now(scene.session.close()).unwrap();
    assert_eq!(scene.shelf.access_token().unwrap(), "a2");

    scene.wire.accept("a3");
    scene.desk.will_grant("a3", "r3");
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.desk.asked(), ["r2"]);
}

#[test]
fn promise_9_a_refresh_token_from_the_store_stays_the_one_to_use() {
    let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
        builder.refresh_retries(0)
    });
    now(scene.session.close()).unwrap();
    let expired = token("a9", "r9").with_expires_at(SystemTime::UNIX_EPOCH);
    scene.shelf.put(&expired);
    scene
        .desk
        .will(Reply::Error(RefreshError::transient("busy")));
    let error = now(scene.call()).unwrap_err();
    scene.world.pass(error.retry_after().unwrap());
    scene.wire.accept("a10");
    scene.desk.will_grant("a10", "r10");
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.desk.asked(), ["r9", "r9"], "r1 may be spent");
}

#[test]
fn promise_9_the_token_in_hand_of_open_does_not_write_over_a_newer_one() {
    let scene = Scene::new();
    let open = || {
        let builder = Session::builder(scene.wire.clone())
            .origin("https://api.example.com")
            .runtime(scene.world.clone())
            .refresher(scene.desk.clone())
            .store(scene.shelf.clone())
            .token(token("a1", "r1"));
        now(builder.open()).unwrap()
    };
    let (first, second) = (open(), open());
    let call = |session: &Session<Wire>| {
        let request = http::Request::get("https://api.example.com/books");
        let request = request.body(()).unwrap();
        now(session.execute(request)).unwrap().status()
    };
    scene.wire.accept("a2");
    scene.desk.will_grant("a2", "r2");
    assert_eq!(call(&first), 200);
    assert_eq!(call(&second), 200);
    assert_eq!(scene.desk.asked(), ["r1"]);
}

#[test]
fn promise_10_an_adopted_token_is_not_written_back() {
    let scene = Scene::new();
    now(scene.session.close()).unwrap();
    scene.shelf.put(&token("a9", "r9"));
    let before = now(scene.shelf.load()).unwrap().unwrap().version;
    scene.wire.accept("a9");
    assert_eq!(scene.status(), 200);
    now(scene.session.close()).unwrap();
    let after = now(scene.shelf.load()).unwrap().unwrap().version;
    assert_eq!(before, after, "the holder that wrote it expects it");
}

#[test]
fn promise_10_a_save_whose_answer_is_lost_is_known_for_our_own() {
    let scene = Scene::new();
    for (mood, access, refresh) in [
        (Mood::LosesItsAnswer, "a2", "r2"),
        (Mood::FailsToSave, "a3", "r3"),
    ] {
        scene.wire.accept(access);
        let mut call = scene.call();
        assert!(poll(&mut call).is_pending());
        scene.shelf.be(mood);
        scene.desk.will_grant(access, refresh);
        assert_eq!(now(call).unwrap().status(), 200, "{mood:?}");
        scene.shelf.be(Mood::Works);
    }
    now(scene.session.close()).unwrap();
    assert_eq!(scene.shelf.access_token().unwrap(), "a3");
    assert_eq!(scene.desk.asked(), ["r1", "r2"]);
}

#[test]
fn promise_24_a_store_that_hangs_makes_no_call() {
    let scene = Scene::new();
    scene.shelf.be(Mood::HangsToSave);
    let mut call = scene.call();
    assert!(poll(&mut call).is_pending());
    scene.world.pass(6 * SECOND);
    let error = now(call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
    assert!(scene.desk.asked().is_empty());
}

#[test]
fn promise_7_a_future_left_unpolled_during_a_save_blocks_no_other() {
    let scene = Scene::new();
    scene.shelf.be(Mood::HangsToSave);
    let mut replace = Box::pin(scene.session.replace(token("a1", "r1")));
    assert!(poll(&mut replace).is_pending());
    scene.shelf.be(Mood::Works);
    scene.wire.accept("a2");
    scene.desk.will_grant("a2", "r2");
    assert_eq!(scene.status(), 200, "it drives what the other left");
    drop(replace);
}

#[test]
fn promise_10_a_session_without_a_store_reports_no_save() {
    let scene = Scene::new();
    let builder = Session::builder(scene.wire.clone())
        .origin("https://api.example.com")
        .runtime(scene.world.clone())
        .refresher(scene.desk.clone())
        .token(token("a1", "r1"));
    let session = now(builder.open()).unwrap();
    let call = || {
        let request = http::Request::get("https://api.example.com/books");
        now(session.execute(request.body(()).unwrap())).map(|response| response.status().as_u16())
    };
    for (access, refresh) in [("a2", "r2"), ("a3", "r3")] {
        scene.wire.accept(access);
        scene.desk.will_grant(access, refresh);
        assert_eq!(call().unwrap(), 200);
    }
    assert_eq!(scene.desk.asked(), ["r1", "r2"]);
    now(session.sign_out()).unwrap();
    assert_eq!(call().unwrap_err().kind(), ErrorKind::SignedOut);
    now(session.replace(token("a3", "r9"))).unwrap();
    assert_eq!(call().unwrap(), 200);
    now(session.close()).unwrap();
    let counts = session.counts();
    assert_eq!((counts.refreshed, counts.saved), (2, 0));
}
