//! Several holders of one record keep the promises, in every small world.

#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    reason = "tests may panic"
)]

use reauth::model::Rotation;
use reauth::model::holders::{HolderBudget, HolderSetup, explore_holders};

const NOTHING: HolderBudget = HolderBudget::NOTHING;

/// Explores all worlds of these holders, and returns how many there are.
fn walk(holders: u8, change: impl Fn(&mut HolderBudget)) -> usize {
    walk_in(&HolderSetup::ALL, holders, change)
}

fn walk_in(setups: &[HolderSetup], holders: u8, change: impl Fn(&mut HolderBudget)) -> usize {
    let mut budget = NOTHING;
    change(&mut budget);
    let explored = setups.iter().map(|setup| {
        let explored = explore_holders(*setup, holders, budget);
        explored.unwrap_or_else(|broken| panic!("{broken}")).states
    });
    explored.sum()
}

#[test]
fn every_world_of_two_holders_and_the_clock() {
    let states = walk(2, |budget| {
        budget.flights = 2;
        budget.ticks = 3;
    });
    assert!(states > 80_000, "{states}");
}

/// The server repeats its answer: two holders have a successor of the same token.
#[test]
fn every_world_of_two_holders_and_a_successor_that_is_given_twice() {
    let repeats = |setup: &HolderSetup| setup.rotation == Rotation::Grace;
    let setups: Vec<_> = HolderSetup::ALL.into_iter().filter(repeats).collect();
    let states = walk_in(&setups, 2, |budget| {
        budget.flights = 3;
        budget.ticks = 2;
    });
    assert!(states > 10_000, "{states}");
}

#[test]
fn every_world_of_two_holders_of_which_one_crashes() {
    let states = walk(2, |budget| {
        budget.flights = 2;
        budget.crashes = 1;
        budget.gone = 1;
        budget.ticks = 2;
    });
    assert!(states > 80_000, "{states}");
}

#[test]
fn every_world_of_two_holders_and_a_store_that_fails() {
    let states = walk(2, |budget| {
        budget.flights = 2;
        budget.store_faults = 1;
        budget.ticks = 2;
    });
    assert!(states > 100_000, "{states}");
}

#[test]
fn every_world_of_two_holders_and_a_token_server_that_fails() {
    let states = walk(2, |budget| {
        budget.flights = 2;
        budget.faults = 1;
        budget.ticks = 2;
    });
    assert!(states > 200_000, "{states}");
}

#[test]
fn every_world_of_two_holders_that_sign_in_and_out() {
    let states = walk(2, |budget| {
        budget.flights = 2;
        budget.sign_ins = 1;
        budget.sign_outs = 1;
    });
    assert!(states > 100_000, "{states}");
}

/// A sign-in that was written, and whose acknowledgement was lost.
#[test]
fn every_world_of_two_holders_that_sign_in_and_read_what_is_old() {
    let states = walk(2, |budget| {
        budget.flights = 2;
        budget.sign_ins = 1;
        budget.store_faults = 1;
        budget.stale = 1;
    });
    assert!(states > 100_000, "{states}");
}

#[test]
fn every_world_of_two_holders_and_a_late_sign_out() {
    let states = walk(2, |budget| {
        budget.sign_ins = 1;
        budget.sign_outs = 1;
        budget.store_faults = 1;
        budget.ticks = 2;
    });
    assert!(states > 10_000, "{states}");
}

#[test]
fn every_world_of_two_holders_and_a_store_that_reads_what_is_old() {
    let states = walk(2, |budget| {
        budget.flights = 2;
        budget.stale = 1;
        budget.restores = 1;
        budget.faults = 1;
        budget.expiries = 1;
    });
    assert!(states > 10_000, "{states}");
}

#[test]
fn every_world_of_three_holders() {
    let states = walk(3, |budget| {
        budget.flights = 3;
        budget.ticks = 1;
    });
    assert!(states > 10_000, "{states}");
}

#[test]
fn a_holder_that_stalls_loses_the_session_under_a_lease() {
    let broken = explore_holders(HolderSetup::LEASE, 2, HolderBudget::LEASE).unwrap_err();
    assert!(broken.promise.contains("stalled"), "{broken}");
    assert!(
        broken.to_string().contains("revokes the whole sign-in"),
        "{broken}"
    );
}
