//! A future is dropped at every possible point, and the others keep their promises.

#![allow(
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "tests may panic"
)]

mod support;

use std::sync::{Arc, Mutex};
use std::task::Poll;

use reauth::store::TokenStore as _;
use reauth::{
    ErrorKind, RefreshError, Session, TokenCall, TokenRefresher, TokenResponse, async_trait,
};
use support::*;

/// Which futures are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Leader,
    Joiner,
    Both,
    /// The session too.
    Everything,
}

/// Which futures are polled before the drop.
#[derive(Clone, Copy, Debug)]
enum Pace {
    /// All of them, in turn.
    Together,
    /// Each once, and then only the leader, which drives everything.
    Alone,
}

/// Whether the polled futures were done before the drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answered {
    Yes,
    NotYet,
}

/// A scene in which everything takes one poll more than needed: the wire, the drained body, the
/// store, the token server.
fn slow(world: World) -> Scene {
    let scene = Scene::of(world, token("a1", "r1"), |builder| builder);
    scene.wire.accept("a2");
    scene.wire.dawdle();
    scene.shelf.dawdle();
    scene.desk.dawdle();
    scene.desk.will_grant("a2", "r2");
    scene
}

/// Polls in turn until nothing is left, but for no more than `rounds` rounds.
fn drive(calls: &mut [Option<Call>], world: &World, rounds: usize) -> Vec<Option<Answer>> {
    let mut answers: Vec<_> = calls.iter().map(|_| None).collect();
    for _ in 0..rounds {
        for (call, answer) in calls.iter_mut().zip(&mut answers) {
            if let Some(future) = call
                && let Poll::Ready(output) = poll(future)
            {
                *answer = Some(output);
                *call = None;
            }
        }
        world.run();
    }
    answers
}

#[test]
fn promise_7_no_other_request_is_left_waiting_whichever_future_is_dropped_at_any_await() {
    let mut boundaries = 0;
    for spawns in [true, false] {
        for who in [Who::Leader, Who::Joiner, Who::Both, Who::Everything] {
            for pace in [Pace::Together, Pace::Alone] {
                // Until all futures, or the leader, are done before the drop.
                for polls in 0.. {
                    boundaries += 1;
                    if drop_after(polls, who, pace, spawns) == Answered::Yes {
                        break;
                    }
                }
            }
        }
    }
    assert!(boundaries > 100, "{boundaries} boundaries");
}

fn drop_after(polls: usize, who: Who, pace: Pace, spawns: bool) -> Answered {
    let case = format!("{who:?} after {polls} polls, {pace:?}, spawner: {spawns}");
    let world = if spawns {
        World::with_spawner()
    } else {
        World::default()
    };
    let scene = slow(world);
    let mut calls = [Some(scene.call()), Some(scene.call()), Some(scene.call())];
    let before = match pace {
        Pace::Together => drive(&mut calls, &scene.world, polls),
        Pace::Alone => {
            let mut before = drive(&mut calls[1..], &World::default(), polls.min(1));
            before.splice(0..0, drive(&mut calls[..1], &World::default(), polls));
            before
        }
    };
    let answered = match (pace, &before[..]) {
        (Pace::Together, [Some(_), Some(_), Some(_)]) | (Pace::Alone, [Some(_), ..]) => {
            Answered::Yes
        }
        _ => Answered::NotYet,
    };

    let [leader, joiner, bystander] = &mut calls;
    match who {
        Who::Leader => *leader = None,
        Who::Joiner => *joiner = None,
        Who::Both => (*leader, *joiner) = (None, None),
        Who::Everything => {
            (*leader, *joiner, *bystander) = (None, None, None);
            let departed = !scene.desk.asked().is_empty();
            let Scene {
                world,
                shelf,
                desk,
                session,
                ..
            } = scene;
            drop(session);
            for _ in 0..50 {
                world.run();
            }
            assert_eq!(world.run(), 0, "{case}: a task is left");
            assert!(desk.asked().len() <= 1, "{case}");
            // A flight in a task is finished; one that no task drives ends with the session.
            if departed && spawns {
                assert_eq!(shelf.access_token().unwrap(), "a2", "{case}");
            }
            return answered;
        }
    }

    let after = drive(&mut calls, &scene.world, 50);
    for (index, (before, after)) in before.into_iter().zip(after).enumerate() {
        let dropped = match who {
            Who::Leader => index == 0,
            Who::Joiner => index == 1,
            Who::Both | Who::Everything => index < 2,
        };
        match before.or(after) {
            Some(answer) => assert_eq!(answer.unwrap().status(), 200, "{case}: call {index}"),
            None => assert!(dropped, "{case}: call {index} never ends"),
        }
    }
    // The next request is served too, and nothing was asked for twice.
    let mut next = [Some(scene.call())];
    let served = drive(&mut next, &scene.world, 50).remove(0);
    assert_eq!(served.unwrap().unwrap().status(), 200, "{case}: the next");
    assert_eq!(scene.desk.asked(), ["r1"], "{case}");
    let mut close = Box::pin(scene.session.close());
    while poll(&mut close).is_pending() {
        scene.world.run();
    }
    assert_eq!(scene.shelf.access_token().unwrap(), "a2", "{case}");
    assert_eq!(scene.world.run(), 0, "{case}: a task is left");
    answered
}

#[test]
fn promise_13_a_replace_that_is_dropped_at_any_await_is_in_force() {
    for polls in 0.. {
        let scene = slow(World::default());
        let mut call = scene.call();
        for _ in 0..4 {
            assert!(poll(&mut call).is_pending());
        }
        let mut replace = Box::pin(scene.session.replace(token("a9", "r9")));
        let mut done = false;
        for _ in 0..polls {
            done = done || poll(&mut replace).is_ready();
        }
        drop(replace);
        if polls == 0 {
            continue;
        }
        scene.wire.accept("a9");
        let mut calls = [Some(call), Some(scene.call())];
        let mut answers = drive(&mut calls, &scene.world, 50);
        let next = answers.remove(1).unwrap().unwrap();
        assert_eq!(next.status(), 200, "after {polls} polls");
        let before = answers.remove(0).unwrap();
        let superseded = match before {
            Ok(response) => {
                response.extensions().get().copied() == Some(reauth::Reason::Superseded)
            }
            Err(error) => error.kind() == ErrorKind::Superseded,
        };
        assert!(superseded, "after {polls} polls");
        let mut close = Box::pin(scene.session.close());
        while poll(&mut close).is_pending() {}
        let kept = now(scene.shelf.kept.load())
            .unwrap()
            .unwrap()
            .record
            .token()
            .cloned();
        assert_eq!(kept.unwrap().access_token(), "a9", "after {polls} polls");
        if done {
            assert!(polls > 2);
            return;
        }
    }
}

/// A refresher that sends through the session that uses it.
#[derive(Clone, Default)]
struct Reentrant(Arc<Mutex<Option<Session<Wire>>>>);

#[async_trait]
impl TokenRefresher for Reentrant {
    async fn refresh(&self, _: &TokenCall<'_>) -> Result<TokenResponse, RefreshError> {
        let session = self.0.lock().unwrap().clone().unwrap();
        let request = http::Request::get("https://api.example.com/token");
        let error = session
            .execute(request.body(()).unwrap())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RefreshMisconfigured);
        session.close().await.unwrap();
        Err(RefreshError::misconfigured(error))
    }
}

#[test]
fn promise_8_a_refresher_that_calls_its_own_session_gets_an_error_and_no_deadlock() {
    let refresher = Reentrant::default();
    let scene = Scene::refreshed_by(refresher.clone());
    *refresher.0.lock().unwrap() = Some(scene.session.clone());
    let error = now(scene.call()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshMisconfigured);
    *refresher.0.lock().unwrap() = None;

    // It may use another session.
    let other = Scene::new();
    other.wire.accept("a1");
    *refresher.0.lock().unwrap() = Some(other.session.clone());
    assert_eq!(other.status(), 200);
}

#[test]
fn promise_8_a_runtime_that_ends_takes_its_flights_along_and_no_more() {
    // Its sleeps panic from now on, as tokio's do.
    let scene = Scene::with_spawner();
    let mut waits = scene.call();
    assert!(poll(&mut waits).is_pending());
    scene.world.end();
    let error = now(waits).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnknown);

    scene.world.begin();
    now(scene.session.replace(token("a9", "r9"))).unwrap();
    scene.wire.accept("a9");
    assert_eq!(scene.status(), 200);
}
