//! Seven tasks use one session, in twenty thousand random orders and as many by PCT.
//!
//! `RUSTFLAGS="--cfg reauth_shuttle" cargo test --release -p reauth --test schedules`

#![cfg(reauth_shuttle)]
#![allow(
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "tests may panic"
)]

mod support;

use reauth::{ErrorKind, Reason};
use shuttle::future::{block_on, spawn};
use support::*;

/// How many orders of each kind.
const ORDERS: usize = 20_000;

fn in_every_order(story: impl Fn() + Send + Sync + Clone + 'static) {
    shuttle::check_random(story.clone(), ORDERS);
    shuttle::check_pct(story, ORDERS, 3);
}

/// A scene that answers at once, and grants a good token.
fn scene() -> Scene {
    let scene = Scene::new();
    scene.wire.accept("a2");
    scene.desk.will_grant("a2", "r2");
    scene
}

#[test]
fn promise_2_seven_admitted_at_once_make_one_call_and_are_all_woken() {
    in_every_order(|| {
        let scene = scene();
        let calls: Vec<_> = (0..7).map(|_| spawn(scene.call())).collect();
        for call in calls {
            assert_eq!(block_on(call).unwrap().unwrap().status(), 200);
        }
        assert_eq!(scene.desk.asked(), ["r1"]);
        assert_eq!(scene.shelf.access_token().unwrap(), "a2");
    });
}

#[test]
fn promise_3_a_replace_against_a_landing_mixes_no_identities() {
    in_every_order(|| {
        let scene = scene();
        // Enough for each of them to be refused under the new identity.
        for n in 3..12 {
            scene.desk.will_grant(&format!("a{n}"), &format!("r{n}"));
        }
        let calls: Vec<_> = (0..5).map(|_| spawn(scene.call())).collect();
        let session = scene.session.clone();
        let replace = spawn(async move { session.replace(token("a9", "r9")).await.unwrap() });
        let session = scene.session.clone();
        let close = spawn(async move { session.close().await.unwrap() });
        for call in calls {
            match block_on(call).unwrap() {
                // A token of the old identity before the fence, or of the new one, which is
                // refused.
                Ok(response) => match response.extensions().get() {
                    None => assert_eq!(response.status(), 200),
                    Some(reason) => {
                        let refused = [Reason::RefusedAgain, Reason::TokenTooFresh];
                        let superseded = *reason == Reason::Superseded;
                        assert!(superseded || refused.contains(reason), "{reason}");
                    }
                },
                Err(error) => assert!(
                    [ErrorKind::Superseded, ErrorKind::RefreshUnknown].contains(&error.kind()),
                    "{error}"
                ),
            }
        }
        block_on(replace).unwrap();
        block_on(close).unwrap();
        block_on(scene.session.close()).unwrap();
        let asked = scene.desk.asked();
        let mut once = asked.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), asked.len(), "{asked:?}");
        let kept = scene.shelf.access_token().unwrap();
        // The new identity's token or its successor, never a successor of the old one's.
        let old = asked.first().is_some_and(|first| first == "r1");
        assert!(!(old && kept == "a2"), "{kept} {asked:?}");
    });
}

#[test]
fn promise_7_the_last_waiter_leaves_against_a_landing() {
    in_every_order(|| {
        let scene = scene();
        let leaving: Vec<_> = (0..5).map(|_| spawn(scene.call())).collect();
        let stays = spawn(scene.call());
        for call in leaving {
            call.abort();
        }
        assert_eq!(block_on(stays).unwrap().unwrap().status(), 200);
        assert_eq!(scene.desk.asked(), ["r1"]);
        assert_eq!(block_on(scene.call()).unwrap().status(), 200);
    });
}
