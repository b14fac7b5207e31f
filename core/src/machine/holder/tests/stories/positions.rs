//! Which records are older, newer or of another sign-in.

use super::*;

#[test]
fn promise_25_a_stale_read_is_not_adopted_and_not_claimed() {
    let (mut us, mut store) = world();
    store.change(|record| *record = super::record(at(2, 4)));
    let (position, age, ..) = token(look(&mut store, &mut us, NOW));
    assert_eq!((position, age), (at(2, 4), Age::Newer));
    us.hold(position);
    // What is known is to be written over it, which conflicts with what really is there.
    let ids = store.ids();
    assert_eq!(us.start(Operation::Look, NOW, ids), Next::Load);
    let next = us.answered(Answer::Loaded(Some((record(BASE), 1))), NOW, IDS);
    let answer = store.call(next, Fault::None);
    assert!(matches!(answer, Answer::Conflict(_)));
    let next = us.answered(answer, NOW, IDS);
    let Next::Done(Done::Found(found)) = next else {
        panic!("{next:?}");
    };
    let (position, age, ..) = token(found);
    assert_eq!((position, age), (at(2, 4), Age::Same));
}

#[test]
fn promise_25_a_replica_that_was_restored_gets_the_newer_record_back() {
    let (mut us, mut store) = world();
    store.change(|record| *record = super::record(at(2, 5)));
    let (position, ..) = token(look(&mut store, &mut us, NOW));
    us.hold(position);
    let mut restored = Store::with(record(at(2, 2)));
    let (position, age, ..) = token(look(&mut restored, &mut us, NOW));
    assert_eq!((position, age), (at(2, 5), Age::Same));
    assert_eq!(restored.record().position, at(2, 5));
}

#[test]
fn promise_25_a_store_that_lost_everything_gets_the_record_back() {
    let (mut us, _) = world();
    let mut empty = Store::default();
    let (position, age, ..) = token(look(&mut empty, &mut us, NOW));
    assert_eq!((position, age), (BASE, Age::Same));
    assert_eq!(empty.record().position, BASE);
}

#[test]
fn promise_25_a_session_that_follows_a_sign_in_forgets_its_own_claim_and_outcome() {
    let (mut us, mut store) = world();
    let claim = claim_and_send(&mut store, &mut us);
    assert_eq!(us.settle(claim, granted(9)), Some(at(2, 4)));
    store.change(|record| *record = super::record(other_at(3, 0)));
    let done = store.run(&mut us, Operation::Look, NOW, &[]);
    let Done::Found(Found::Fence(fence)) = done else {
        panic!("{done:?}");
    };
    assert!(us.follow(&fence));
    assert!(!us.is_pending());
    assert!(!us.follow(&fence), "once");
    assert_eq!(token(look(&mut store, &mut us, NOW)).1, Age::Same);
    assert_eq!(store.record(), fence);
}

#[test]
fn promise_25_after_a_sign_in_that_gave_way_no_older_record_is_adopted() {
    let (mut us, mut store) = world();
    us.fence(Some(9), Id(77), NOW.now);
    let done = store.run(&mut us, Operation::Deliver, NOW, &[Fault::Down]);
    assert_eq!(done, Done::Failed);
    let stale = store.there();
    store.change(|record| *record = super::record(other_at(3, 0)));
    assert_eq!(
        store.run(&mut us, Operation::Deliver, NOW, &[]),
        Done::GivenUp
    );
    assert_eq!(us.start(Operation::Look, NOW, IDS), Next::Load);
    let next = us.answered(Answer::Loaded(stale), NOW, IDS);
    let answer = store.call(next, Fault::None);
    let next = us.answered(answer, NOW, IDS);
    assert_eq!(next, Next::Done(Done::Found(Found::Fence(store.record()))));
}

#[test]
fn promise_25_an_older_record_is_not_claimed() {
    let (mut us, _) = world();
    let mut restored = Store::with(record(at(2, 2)));
    let faults = [Fault::None, Fault::Down];
    let done = restored.run(&mut us, Operation::Look, NOW, &faults);
    assert_eq!(done, Done::Failed);
    restored.calls = 0;
    assert_eq!(
        restored.claim(&mut us, Spends::RefreshToken, NOW, &[]),
        Done::GivenUp
    );
    assert_eq!(restored.calls, 0);
}

#[test]
fn promise_25_a_tombstone_is_not_claimed() {
    let (mut us, mut store) = world();
    us.fence(None, Id(77), NOW.now);
    let done = store.run(&mut us, Operation::Deliver, NOW, &[]);
    assert_eq!(done, Done::Delivered);
    assert_eq!(look(&mut store, &mut us, NOW), Found::SignedOut);
    store.calls = 0;
    assert_eq!(
        store.claim(&mut us, Spends::RefreshToken, NOW, &[]),
        Done::GivenUp
    );
    assert_eq!(store.calls, 0);
}

#[test]
fn promise_25_after_a_release_that_gave_way_to_a_stale_read_no_older_record_is_adopted() {
    let (mut us, mut store) = world();
    let stale = || Answer::Loaded(Some((record(at(2, 2)), 99)));
    let claim = claim_and_send(&mut store, &mut us);
    assert_eq!(us.settle(claim, Settled::Lost), Some(BASE));
    let done = store.run(&mut us, Operation::Deliver, NOW, &[Fault::Down]);
    assert_eq!(done, Done::Failed);
    assert_eq!(us.start(Operation::Deliver, NOW, IDS), Next::Load);
    let next = us.answered(stale(), NOW, IDS);
    assert_eq!(next, Next::Done(Done::GivenUp));
    assert_eq!(us.start(Operation::Look, NOW, IDS), Next::Load);
    let next = us.answered(stale(), NOW, IDS);
    let Next::Save { record, .. } = &next else {
        panic!("{next:?}");
    };
    assert_eq!(record.position, BASE);
    let answer = store.call(next, Fault::None);
    assert!(matches!(answer, Answer::Conflict(_)));
}
