//! Sessions that share a store, while sessions and the store fail.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use reauth::store::{MemoryStore, TokenStore};
use reauth::{
    BuildErrorKind, Error, ErrorKind, RefreshError, Session, SessionBuilder, TokenCall,
    TokenRefresher, TokenResponse, TokenUse, async_trait,
};
use support::*;

const SECOND: Duration = Duration::from_secs(1);

fn record(shelf: &Shelf) -> reauth::store::Record {
    now(shelf.kept.load()).unwrap().unwrap().record
}

/// What the store answered, or why it was not asked.
fn source(error: &Error) -> String {
    let mut source = error.source();
    let mut said = String::new();
    while let Some(error) = source {
        said = error.to_string();
        source = error.source();
    }
    said
}

/// Polls while the clock runs, and returns how long that took.
fn wait(scene: &Scene, call: &mut Call) -> (Duration, Answer) {
    let step = SECOND / 10;
    for steps in 0..1_000 {
        if let Poll::Ready(answer) = poll(call) {
            return (steps * step, answer);
        }
        scene.world.pass(step);
    }
    panic!("it waits for ever");
}

/// A session that has sent its refresh token and died, and one beside it.
fn after_a_death(
    options: impl Fn(SessionBuilder<Wire>) -> SessionBuilder<Wire>,
    of_the_other: impl FnOnce(SessionBuilder<Wire>) -> SessionBuilder<Wire>,
) -> Scene {
    let first = Scene::of(World::default(), token("a1", "r1"), &options);
    let second = first.beside(of_the_other);
    let mut call = first.call();
    assert!(poll(&mut call).is_pending());
    assert_eq!(first.desk.asked(), ["r1"]);
    drop((call, first));
    assert!(record(&second.shelf).claim().is_some());
    second
}

#[test]
fn promise_26_a_claim_of_a_session_that_died_is_waited_out_and_its_use_decides() {
    for (token_use, asks) in [(TokenUse::Learn, true), (TokenUse::SingleUse, false)] {
        let options = |builder: SessionBuilder<Wire>| builder.token_use(token_use);
        let scene = after_a_death(options, options);
        scene.wire.accept("a2");
        scene.desk.will_grant("a2", "r2");
        let (waited, answer) = wait(&scene, &mut scene.call());
        // Its limit, and what is added because clocks do not run alike.
        let bounds = 31 * SECOND..32 * SECOND;
        assert!(bounds.contains(&waited), "{token_use:?}: {waited:?}");
        if asks {
            assert_eq!(answer.unwrap().status(), 200);
            assert_eq!(scene.desk.asked(), ["r1"]);
        } else {
            let error = answer.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::RefreshUnknown);
            assert!(error.is_session_expired());
            assert!(scene.desk.asked().is_empty());
        }
    }
}

#[test]
fn promise_26_a_claim_that_was_judged_lost_costs_no_second_wait() {
    let first = after_a_death(|builder| builder, |builder| builder.refresh_retries(0));
    let busy = RefreshError::transient("busy");
    first.desk.will(Reply::Error(busy));
    let (waited, answer) = wait(&first, &mut first.call());
    assert!(waited > 30 * SECOND);
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::RefreshUnavailable);
    first.world.pass(SECOND);
    first.wire.accept("a2");
    first.desk.will_grant("a2", "r2");
    let (waited, answer) = wait(&first, &mut first.call());
    assert!(waited < SECOND, "{waited:?}");
    assert_eq!(answer.unwrap().status(), 200);
    assert_eq!(first.desk.asked(), ["r1"; 2]);
}

#[test]
fn promise_26_a_claim_under_which_nothing_was_sent_is_taken_back_when_the_refresh_fails() {
    let second = after_a_death(|builder| builder, |builder| builder);
    let third = second.beside(|builder| builder);
    let of_the_dead = record(&second.shelf).claim();
    let mut call = second.call();
    while record(&second.shelf).claim() == of_the_dead {
        assert!(poll(&mut call).is_pending());
        second.world.pass(SECOND / 10);
    }
    // It looks once more before it sends.
    second.shelf.be(Mood::FailsToLoad);
    let (_, answer) = wait(&second, &mut call);
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::RefreshUnavailable);
    assert!(second.desk.asked().is_empty());
    assert_eq!(record(&second.shelf).claim(), None);

    second.shelf.be(Mood::Works);
    third.wire.accept("a2");
    third.desk.will_grant("a2", "r2");
    let (_, answer) = wait(&third, &mut third.call());
    assert_eq!(answer.unwrap().status(), 200);
    assert_eq!(third.desk.asked(), ["r1"], "it counts as sent once");
}

#[test]
fn promise_26_whoever_waited_in_vain_is_told_for_whom_and_since_when() {
    let slow = |builder: SessionBuilder<Wire>| {
        builder
            .holder("the nightly job")
            .refresh_timeout(300 * SECOND)
    };
    let scene = after_a_death(slow, |builder| builder);
    let (waited, answer) = wait(&scene, &mut scene.call());
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
    assert!(error.is_transient());
    assert!(waited >= 33 * SECOND && waited < 34 * SECOND, "{waited:?}");
    let said = source(&error);
    let expected = "another session is refreshing the token: the nightly job, for at least 33 s";
    assert_eq!(said, expected);
    assert!(scene.desk.asked().is_empty());
}

#[test]
fn promise_26_the_time_of_a_claim_is_counted_over_all_flights() {
    let slow = |builder: SessionBuilder<Wire>| builder.refresh_timeout(60 * SECOND);
    let scene = after_a_death(slow, |builder| builder);
    let mut waited = Duration::ZERO;
    let answer = loop {
        let (more, answer) = wait(&scene, &mut scene.call());
        waited += more;
        match answer {
            Err(error) if waited < 61 * SECOND => {
                let rest = error.retry_after().unwrap();
                waited += rest;
                scene.world.pass(rest);
                scene.wire.accept("a2");
                scene.desk.will_grant("a2", "r2");
            }
            answer => break answer,
        }
    };
    assert_eq!(answer.unwrap().status(), 200);
    assert!(waited < 63 * SECOND, "{waited:?}");
}

#[test]
fn promise_24_a_store_that_is_down_makes_no_call_and_a_valid_token_goes_on() {
    for mood in [Mood::FailsToLoad, Mood::FailsToSave, Mood::PanicsToSave] {
        let world = World::with_spawner();
        let first = token("a1", "r1").with_expires_at(world.in_time(100 * SECOND));
        let scene = Scene::of(world, first, |builder| builder);
        scene.wire.accept("a1");
        scene.shelf.be(mood);
        scene.world.pass(95 * SECOND);
        for _ in 0..4 {
            assert_eq!(scene.status(), 200, "{mood:?}: it is refreshed early");
            scene.world.run();
            scene.world.pass(SECOND);
        }
        assert!(scene.desk.asked().is_empty(), "{mood:?}");
        // Once it has expired, requests fail until the store is there again.
        scene.world.pass(10 * SECOND);
        let error = now(scene.call()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RefreshUnavailable, "{mood:?}");
        scene.world.pass(error.retry_after().unwrap());
        scene.shelf.be(Mood::Works);
        scene.wire.accept("a2");
        scene.desk.will_grant("a2", "r2");
        assert_eq!(scene.status(), 200, "{mood:?}");
        assert_eq!(scene.desk.asked(), ["r1"]);
    }
}

#[test]
fn promise_23_a_claim_whose_acknowledgement_was_lost_counts_no_send() {
    let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
        builder.token_use(TokenUse::SingleUse)
    });
    scene.shelf.be(Mood::LosesItsAnswer);
    let error = now(scene.call()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
    assert!(scene.desk.asked().is_empty());
    scene.shelf.be(Mood::Works);
    scene.world.pass(error.retry_after().unwrap());
    scene.wire.accept("a2");
    scene.desk.will_grant("a2", "r2");
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.desk.asked(), ["r1"]);
}

/// A refresher that waits for a lock that it never gets, before it sends.
struct Holds;

#[async_trait]
impl TokenRefresher for Holds {
    async fn refresh(&self, call: &TokenCall<'_>) -> Result<TokenResponse, RefreshError> {
        call.hold();
        std::future::pending().await
    }
}

#[test]
fn promise_23_a_refresher_that_waited_for_its_own_lock_has_not_sent() {
    let single = |builder: SessionBuilder<Wire>| builder.token_use(TokenUse::SingleUse);
    let first = Scene::of(World::default(), token("a1", "r1"), |builder| {
        single(builder.refresher(Holds))
    });
    let second = first.beside(single);
    let mut call = first.call();
    assert!(poll(&mut call).is_pending());
    assert!(record(&first.shelf).claim().is_some());
    first.world.pass(24 * SECOND);
    let error = now(call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
    assert!(record(&first.shelf).claim().is_none());

    first.wire.accept("a2");
    second.desk.will_grant("a2", "r2");
    assert_eq!(second.status(), 200);
    assert_eq!(second.desk.asked(), ["r1"]);
}

/// A scene whose refresh has brought `a2`, which could not be saved.
fn unsaved(world: World) -> Scene {
    let scene = Scene::of(world, token("a1", "r1"), |builder| builder);
    scene.wire.accept("a2");
    let mut call = scene.call();
    assert!(poll(&mut call).is_pending());
    scene.shelf.be(Mood::FailsToSave);
    scene.desk.will_grant("a2", "r2");
    assert_eq!(now(call).unwrap().status(), 200);
    scene
}

#[test]
fn promise_10_a_task_writes_again_what_was_not_saved_after_growing_pauses() {
    let scene = unsaved(World::with_spawner());
    let failed = scene.session.counts().saves_failed;
    for (times, pause) in [1, 2, 4].into_iter().enumerate() {
        let failed = failed + times as u64;
        scene.world.pass(pause * SECOND - SECOND / 10);
        assert_eq!(scene.world.run(), 1);
        assert_eq!(scene.session.counts().saves_failed, failed, "{pause}");
        scene.world.pass(SECOND / 10);
        assert_eq!(scene.world.run(), 1);
        assert_eq!(scene.session.counts().saves_failed, failed + 1, "{pause}");
    }
    scene.shelf.be(Mood::Works);
    scene.world.pass(8 * SECOND);
    assert_eq!(scene.world.run(), 0, "the task has ended");
    assert_eq!(scene.shelf.access_token().unwrap(), "a2");
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.desk.asked(), ["r1"]);
}

#[test]
fn promise_10_without_a_spawner_the_next_request_writes_what_was_not_saved() {
    let scene = unsaved(World::default());
    scene.shelf.be(Mood::Works);
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.shelf.access_token().unwrap(), "a1", "it pauses");
    scene.world.pass(SECOND);
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.shelf.access_token().unwrap(), "a2");
}

#[test]
fn promise_10_a_session_that_saves_late_is_asked_by_nobody_to_spend_again() {
    // The other one sees the claim, and waits.
    let first = unsaved(World::with_spawner());
    let second = first.beside(|builder| builder);
    let mut waits = second.call();
    assert!(poll(&mut waits).is_pending());
    first.shelf.be(Mood::Works);
    first.world.pass(SECOND);
    first.world.run();
    assert_eq!(now(waits).unwrap().status(), 200);
    assert!(second.desk.asked().is_empty());
}

#[test]
fn promise_28_build_says_that_a_store_needs_open() {
    let builder = Session::builder(Wire::default())
        .origin("https://api.example.com")
        .refresher(Desk::default())
        .store(MemoryStore::new())
        .token(token("a1", "r1"));
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), BuildErrorKind::StoreNotRead);
    assert!(error.to_string().contains("call SessionBuilder::open"));
}

#[test]
fn promise_25_a_token_in_hand_takes_the_place_of_one_that_was_refused() {
    for (in_hand, expected) in [
        (token("b1", "s1"), "b1"),
        // It is the one that was refused.
        (token("a9", "r1"), "a1"),
    ] {
        let first = Scene::new();
        let error = RefreshError::refused("invalid_grant");
        first.desk.will(Reply::Error(error));
        let error = now(first.call()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SessionExpired);
        let second = first.beside(|builder| builder.token(in_hand));
        assert_eq!(first.shelf.access_token().unwrap(), expected);
        first.wire.accept("b1");
        let served = now(second.call()).is_ok_and(|answer| answer.status() == 200);
        assert_eq!(served, expected == "b1");
        // The first one looks, and follows.
        let served = now(first.call()).is_ok_and(|answer| answer.status() == 200);
        assert_eq!(served, expected == "b1");
    }
}

#[test]
fn promise_25_a_token_in_hand_takes_the_place_of_nothing_else() {
    let first = Scene::new();
    let second = first.beside(|builder| builder.token(token("b1", "s1")));
    assert_eq!(first.shelf.access_token().unwrap(), "a1");
    now(second.session.sign_out()).unwrap();
    let third = first.beside(|builder| builder.token(token("b1", "s1")));
    assert_eq!(now(third.call()).unwrap_err().kind(), ErrorKind::SignedOut);
    assert!(record(&first.shelf).token().is_none());
}

/// A store that knows that every holder is gone.
struct Knows(Shelf, AtomicUsize);

#[async_trait]
impl TokenStore for Knows {
    async fn load(&self) -> Result<Option<reauth::store::Stored>, reauth::store::StoreError> {
        self.0.load().await
    }

    async fn save_if(
        &self,
        expected: Option<&reauth::store::Version>,
        record: &reauth::store::Record,
    ) -> Result<reauth::store::Saved, reauth::store::StoreError> {
        self.0.save_if(expected, record).await
    }

    async fn is_gone(&self, _: reauth::store::ClaimId) -> bool {
        self.1.fetch_add(1, Ordering::Relaxed);
        true
    }
}

#[test]
fn promise_26_a_holder_that_the_store_knows_to_be_gone_is_not_waited_for() {
    let scene = after_a_death(|builder| builder, |builder| builder);
    let store = Knows(scene.shelf.clone(), AtomicUsize::new(0));
    let third = scene.beside(|builder| builder.store(store));
    third.wire.accept("a2");
    third.desk.will_grant("a2", "r2");
    let (waited, answer) = wait(&third, &mut third.call());
    assert_eq!(answer.unwrap().status(), 200);
    assert!(waited <= SECOND / 2, "{waited:?}");
    assert_eq!(third.desk.asked(), ["r1"], "it may have been sent");
}

#[test]
fn promise_26_a_claim_whose_acknowledgement_was_lost_is_taken_back_soon() {
    let first = Scene::with_spawner();
    let second = first.beside(|builder| builder);
    first.shelf.be(Mood::LosesItsAnswer);
    let error = now(first.call()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
    assert!(record(&first.shelf).claim().is_some());
    first.shelf.be(Mood::Works);
    first.world.pass(SECOND);
    first.world.run();
    assert!(record(&first.shelf).claim().is_none());
    first.wire.accept("a2");
    second.desk.will_grant("a2", "r2");
    assert_eq!(second.status(), 200, "it waits for nobody");
}

#[test]
fn promise_10_a_holder_that_was_given_up_too_early_still_brings_the_successor() {
    let first = Scene::new();
    let second = first.beside(|builder| builder);
    first.wire.accept("a2");
    let (mut stalls, mut waits) = (first.call(), second.call());
    assert!(poll(&mut stalls).is_pending());
    // The second session judges the claim lost, and takes over.
    for _ in 0..320 {
        assert!(poll(&mut waits).is_pending());
        first.world.pass(SECOND / 10);
        if !second.desk.asked().is_empty() {
            break;
        }
    }
    assert_eq!(second.desk.asked(), ["r1"]);
    first.desk.will_grant("a2", "r2");
    let error = RefreshError::refused("r1 is spent");
    second.desk.will(Reply::Error(error));
    assert_eq!(now(stalls).unwrap().status(), 200);
    assert_eq!(now(waits).unwrap().status(), 200);
    assert_eq!(first.shelf.access_token().unwrap(), "a2");
}
