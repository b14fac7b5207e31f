//! The machines keep the promises in random worlds, and in every small world exhaustively.

#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    reason = "tests may panic"
)]

mod support;

use proptest::prelude::*;
use reauth::machine::Renewable;
use reauth::machine::TokenUse;
use reauth::model::explore::{Explored, explore};
use reauth::model::{
    Budget, Lifetime, Rotation, Second, Setup, Spawning, Step, Tally, check, check_bytes,
};
use reauth_test_support::attached;
use support::seed::seeded;

proptest! {
    #![proptest_config(seeded(512))]

    #[test]
    fn every_promise_holds_on_random_ways(bytes in prop::collection::vec(any::<u8>(), 200..600)) {
        if let Err(broken) = check_bytes(&bytes) {
            return Err(TestCaseError::fail(broken.to_string()));
        }
    }
}

/// Checks what the assertions cannot: that the random walks reach the interesting states.
#[test]
fn random_ways_see_everything_that_can_go_well_or_be_refused() {
    let mut random = 1_u64;
    let mut most = Tally::default();
    for _ in 0..4_000 {
        let bytes: Vec<u8> = std::iter::repeat_with(|| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (random >> 56) as u8
        })
        .take(400)
        .collect();
        most = most.most(check_bytes(&bytes).unwrap_or_else(|broken| panic!("{broken}")));
    }
    let Tally {
        served,
        replayed,
        joined,
        refreshed,
        early,
        adopted,
        superseded,
        rested,
        expired,
        limited,
        signed_out,
        renewed,
        unrenewed,
        redirected,
        foreign_requests,
        unfollowed,
        too_fresh,
        sent_again,
        same_token,
        no_way,
        ..
    } = most;
    for seen in [
        served,
        replayed,
        joined,
        refreshed,
        early,
        adopted,
        superseded,
        rested,
        expired,
        limited,
        signed_out,
        renewed,
        unrenewed,
        redirected,
        foreign_requests,
        unfollowed,
        too_fresh,
        sent_again,
        same_token,
        no_way,
    ] {
        assert!(seen > 0, "{most:?}");
    }
}

#[test]
fn promise_2_a_waiter_is_served_by_anothers_refresh() {
    use reauth::model::Said::Honestly;
    let (fly, serve) = (Step::Fly, Step::Serve(0, reauth::model::Reply::Honest));
    let refused = [Step::Answer(0, Honestly), Step::Answer(1, Honestly)];
    let moves = [Step::Move(0), Step::Move(1), Step::Move(0), Step::Move(1)];
    let flight = [fly(0), fly(0), serve, fly(0)];
    let steps: Vec<_> = [Step::Start, Step::Start, Step::Expire]
        .into_iter()
        .chain(refused)
        .chain(moves)
        .chain(flight)
        .collect();
    for setup in renewable() {
        let tally = check(setup, &steps).unwrap_or_else(|broken| panic!("{broken}"));
        // The third is the one with which a run ends.
        assert_eq!((tally.served, tally.replayed), (3, 2), "{setup:?}");
        assert_eq!((tally.refreshed, tally.joined), (1, 1), "{setup:?}");
    }
}

#[test]
fn a_step_that_is_not_possible_is_passed_over() {
    let impossible = [Step::Move(3), Step::Fly(9)];
    for setup in Setup::ALL {
        assert!(check(setup, &impossible).is_ok());
    }
}

fn walk_all(setup: Setup, budget: Budget) -> Explored {
    explore(setup, budget).unwrap_or_else(|broken| panic!("{setup:?}\n{broken}"))
}

fn walk(setup: Setup, budget: Budget) -> Explored {
    let explored = walk_all(setup, budget);
    assert!(explored.tally.served >= 3 && explored.tally.replayed >= 2);
    explored
}

fn setups(lifetime: Lifetime, rotation: Rotation) -> impl Iterator<Item = Setup> {
    let matching = move |setup: &Setup| {
        let learns = setup.token_use == TokenUse::Learn;
        let two_origins = setup.second == Second::Origin;
        learns && two_origins && setup.lifetime == lifetime && setup.rotation == rotation
    };
    renewable().filter(matching)
}

fn renewable() -> impl Iterator<Item = Setup> {
    let is = |setup: &Setup| setup.renewable == Renewable::Yes;
    Setup::ALL.into_iter().filter(is)
}

/// Three requests, and one of each thing that can happen to a token.
fn three() -> Budget {
    let mut budget = Budget::NOTHING;
    budget.requests = 3;
    budget.at_once = 3;
    budget.expiries = 1;
    budget
}

#[test]
fn every_world_of_three_requests_a_rotating_server_and_its_faults() {
    for setup in setups(Lifetime::Unknown, Rotation::On) {
        let mut budget = three();
        budget.hostile = 1;
        budget.faults = 1;
        budget.leaves = 1;
        budget.sign_ins = 1;
        budget.sign_outs = 1;
        let explored = walk(setup, budget);
        assert!(explored.states > 500_000, "{explored:?}");
    }
}

#[test]
fn every_world_of_three_requests_and_a_store_that_is_shared() {
    for setup in setups(Lifetime::Unknown, Rotation::Off) {
        let mut budget = three();
        budget.elsewhere = 1;
        budget.sign_outs = 1;
        budget.faults = 1;
        let explored = walk(setup, budget);
        assert!(explored.states > 10_000, "{explored:?}");
    }
}

#[test]
fn every_world_of_three_requests_and_tokens_that_expire_by_the_clock() {
    for setup in setups(Lifetime::Short, Rotation::On) {
        let mut budget = three();
        budget.time = 1;
        budget.hostile = 1;
        budget.faults = 1;
        let explored = walk(setup, budget);
        let early = u32::from(setup.spawning == Spawning::Tasks);
        assert!(explored.tally.early >= early, "{explored:?}");
    }
}

#[test]
fn every_world_of_answers_lost_twice_and_each_use_of_a_refresh_token() {
    for setup in renewable() {
        let mut budget = three();
        budget.requests = 2;
        budget.faults = 2;
        budget.time = 2;
        let explored = walk_all(setup, budget);
        assert!(explored.states > 10_000, "{setup:?}: {explored:?}");
    }
}

/// One origin refuses what the other accepts, and the response to the refresh is lost.
#[test]
fn every_world_of_two_origins_and_a_lost_answer() {
    for lifetime in [Lifetime::Unknown, Lifetime::Short] {
        for setup in setups(lifetime, Rotation::On) {
            let mut budget = three();
            budget.requests = 2;
            budget.second = 2;
            budget.at_once = 2;
            budget.expiries = 1;
            budget.hostile = 1;
            budget.faults = 1;
            budget.time = 1;
            let explored = walk_all(setup, budget);
            let Tally { sent_again, .. } = explored.tally;
            assert!(sent_again >= 1, "{setup:?}: {explored:?}");
            assert!(explored.states > 10_000, "{setup:?}: {explored:?}");
        }
    }
}

/// One path refuses every token, another accepts the good ones, and the token server fails.
#[test]
fn every_world_of_two_paths_of_which_one_refuses_every_token() {
    for setup in renewable().filter(|setup| setup.second == Second::Path) {
        let mut budget = Budget::NOTHING;
        budget.requests = 1;
        budget.second = 2;
        budget.at_once = 2;
        budget.hostile = 1;
        budget.faults = 1;
        budget.time = 1;
        let explored = walk_all(setup, budget);
        let Tally {
            rested,
            unrenewed,
            expired,
            ..
        } = explored.tally;
        assert!(
            unrenewed >= 1 && rested >= 1 && expired >= 1,
            "{explored:?}"
        );
        assert!(explored.states > 10_000, "{setup:?}: {explored:?}");
    }
}

#[test]
fn every_world_without_a_way_to_a_newer_token() {
    for setup in Setup::ALL
        .into_iter()
        .filter(|setup| setup.renewable == Renewable::No)
    {
        let mut budget = three();
        budget.once = 1;
        budget.second = 1;
        budget.time = 1;
        budget.sign_ins = 1;
        budget.sign_outs = 1;
        budget.redirects = 1;
        let explored = walk_all(setup, budget);
        let Tally {
            no_way, refreshed, ..
        } = explored.tally;
        assert!(no_way >= 3 && refreshed == 0, "{explored:?}");
    }
}

#[test]
fn every_world_of_requests_that_are_redirected() {
    for setup in setups(Lifetime::Unknown, Rotation::On) {
        let mut budget = three();
        budget.requests = 2;
        budget.once = 1;
        budget.at_once = 2;
        budget.redirects = 3;
        budget.hostile = 1;
        budget.sign_ins = 1;
        let explored = walk(setup, budget);
        let Tally {
            redirected,
            foreign_requests,
            unfollowed,
            ..
        } = explored.tally;
        assert!(
            redirected >= 2 && foreign_requests >= 2 && unfollowed >= 1,
            "{explored:?}"
        );
        assert!(explored.states > 10_000, "{explored:?}");
    }
}

#[test]
fn every_world_of_bodies_that_can_be_sent_once() {
    for setup in renewable() {
        let mut budget = three();
        budget.requests = 2;
        budget.once = 1;
        budget.leaves = 1;
        budget.revocations = 1;
        walk(setup, budget);
    }
}

#[test]
fn every_world_of_bodies_that_can_be_sent_once_and_tokens_about_to_expire() {
    for setup in setups(Lifetime::Short, Rotation::On) {
        let mut budget = three();
        budget.requests = 1;
        budget.once = 2;
        budget.time = 1;
        budget.leaves = 1;
        budget.faults = 1;
        budget.sign_ins = 1;
        let explored = explore(setup, budget).unwrap_or_else(|broken| panic!("{broken}"));
        let Tally {
            renewed, unrenewed, ..
        } = explored.tally;
        assert!(renewed >= 2 && unrenewed >= 1, "{explored:?}");
    }
}

/// Runs the corpora of the fuzzer, on stable Rust.
#[test]
fn the_corpora_hold() {
    for_each_of("state_machine", |bytes| {
        check_bytes(bytes).unwrap_or_else(|broken| panic!("{broken}"));
    });
    for_each_of("token_response", reauth::model::network::token_response);
    for_each_of("challenge", reauth::check_challenge);
    for_each_of("origin", attached::check);
}

fn for_each_of<T>(target: &str, run: impl Fn(&[u8]) -> T) {
    let fuzz = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz");
    let mut files = 0;
    for file in std::fs::read_dir(format!("{fuzz}/corpus/{target}")).unwrap() {
        run(&std::fs::read(file.unwrap().path()).unwrap());
        files += 1;
    }
    assert!(files > 10, "the corpus of {target} is there");
}
