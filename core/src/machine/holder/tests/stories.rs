//! What a row cannot say: several steps.

mod commits;
mod positions;
mod sends;
mod sign_ins;
mod waits;

use super::store::{Fault, Store};
use super::*;

/// A holder, and the store that it has read.
fn world() -> (Us, Store) {
    let store = Store::with(record(BASE));
    (Holder::new(settings(), store.there()), store)
}

fn look(store: &mut Store, holder: &mut Us, clocks: Clocks) -> Found<u32> {
    let done = store.run(holder, Operation::Look, clocks, &[]);
    let Done::Found(found) = done else {
        panic!("{done:?}");
    };
    found
}

fn token(found: Found<u32>) -> (Position, Age, Standing, Sent) {
    let Found::Token {
        position,
        age,
        standing,
        sent,
        ..
    } = found
    else {
        panic!("{found:?}");
    };
    (position, age, standing, sent)
}

fn standing(store: &mut Store, holder: &mut Us, clocks: Clocks) -> Standing {
    token(look(store, holder, clocks)).2
}

/// Returns the claim.
fn claim_durably(store: &mut Store, holder: &mut Us, clocks: Clocks) -> (Claimed, Id) {
    let done = store.claim(holder, Spends::RefreshToken, clocks, &[]);
    let Done::Claimed(over, claim) = done else {
        panic!("{done:?}");
    };
    (over, claim)
}

/// Returns the claim.
fn claim_and_send(store: &mut Store, holder: &mut Us) -> Id {
    let (_, claim) = claim_durably(store, holder, NOW);
    assert!(holder.begin_send(claim, NOW.now).is_some());
    claim
}

fn granted(token: u32) -> Settled<u32> {
    Settled::Granted(token, RefreshTokenKept::No)
}

#[test]
fn an_operation_ends_after_sixteen_conflicts() {
    let (mut us, mut store) = world();
    us.fence(Some(9), Id(77), NOW.now);
    let ids = store.ids();
    let mut next = us.start(Operation::Look, NOW, ids);
    let mut saves = 0;
    while !matches!(next, Next::Done(_)) {
        // Somebody else is always faster.
        if matches!(next, Next::Save { .. }) {
            saves += 1;
            store.change(|record| record.sends += 1);
        }
        let answer = store.call(next, Fault::None);
        let ids = store.ids();
        next = us.answered(answer, NOW, ids);
    }
    assert_eq!((next, saves), (Next::Done(Done::Failed), 16));
    assert!(us.is_pending());
}

#[test]
fn an_answer_that_does_not_fit_ends_the_operation() {
    let there = Some((record(BASE), 1));
    for answer in [Answer::Kept(9), Answer::Conflict(there.clone())] {
        let mut us = us();
        assert_eq!(us.start(Operation::Look, NOW, IDS), Next::Load);
        assert_eq!(us.answered(answer, NOW, IDS), Next::Done(Done::Failed));
        let next = us.answered(Answer::Loaded(there.clone()), NOW, IDS);
        assert_eq!(next, Next::Done(Done::Failed), "it has ended");
    }
    let mut us = us();
    assert!(matches!(claim(&mut us, NOW), Next::Save { .. }));
    let next = us.answered(Answer::Loaded(there), NOW, IDS);
    assert_eq!(next, Next::Done(Done::Failed));
    assert_eq!(us.begin_send(OWN_CLAIM, NOW.now), None);
}
