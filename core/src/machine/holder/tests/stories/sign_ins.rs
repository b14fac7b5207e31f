//! How a sign-in or sign-out is delivered.

use super::*;

#[test]
fn promise_13_a_sign_in_that_is_late_gives_way_to_one_elsewhere() {
    let (mut us, mut store) = world();
    us.fence(Some(9), Id(77), NOW.now);
    let done = store.run(&mut us, Operation::Deliver, NOW, &[Fault::Down]);
    assert_eq!((done, us.is_pending()), (Done::Failed, true));
    store.change(|record| *record = super::record(other_at(3, 0)));
    let there = store.record();
    assert_eq!(
        store.run(&mut us, Operation::Deliver, NOW, &[]),
        Done::GivenUp
    );
    assert_eq!(look(&mut store, &mut us, NOW), Found::Fence(there.clone()));
    assert!(us.follow(&there));
    assert_eq!(store.record(), there);
}

#[test]
fn promise_13_a_sign_in_whose_acknowledgement_was_lost_is_delivered_once() {
    let (mut us, mut store) = world();
    us.fence(Some(9), Id(77), NOW.now);
    let faults = [Fault::None, Fault::Unacknowledged];
    let done = store.run(&mut us, Operation::Deliver, NOW, &faults);
    assert_eq!((done, us.is_pending()), (Done::Failed, true));
    // Somebody has refreshed its token since.
    store.change(|record| record.position.seq += 1);
    let there = store.record();
    assert_eq!(
        store.run(&mut us, Operation::Deliver, NOW, &[]),
        Done::Delivered
    );
    assert_eq!(store.record(), there);
    assert_eq!(token(look(&mut store, &mut us, NOW)).1, Age::Newer);
}

#[test]
fn promise_13_a_sign_in_that_is_late_takes_the_place_of_an_earlier_one_of_the_session() {
    let (mut us, mut store) = world();
    us.fence(Some(8), Id(77), NOW.now);
    let faults = [Fault::None, Fault::Unacknowledged];
    let done = store.run(&mut us, Operation::Deliver, NOW, &faults);
    assert_eq!(done, Done::Failed);
    us.fence(Some(9), Id(78), NOW.now);
    let done = store.run(&mut us, Operation::Deliver, NOW, &[Fault::Down]);
    assert_eq!(done, Done::Failed);
    let done = store.run(&mut us, Operation::Deliver, NOW, &[]);
    assert_eq!(done, Done::Delivered);
    assert_eq!(store.record().token, Some(9));
    assert_eq!(store.record().position.order(), (4, 0));
}

#[test]
fn promise_13_a_new_token_does_not_take_the_place_of_a_sign_in() {
    for token in [Some(8), None] {
        let (mut us, mut store) = world();
        let claim = claim_and_send(&mut store, &mut us);
        us.fence(token, Id(77), NOW.now);
        assert_eq!(us.settle(claim, granted(9)), None);
        assert_eq!(
            store.run(&mut us, Operation::Deliver, NOW, &[]),
            Done::Delivered
        );
        assert_eq!(store.record().token, token);
        assert_eq!(store.record().position.order(), (3, 0));
    }
}

#[test]
fn promise_13_of_several_sign_ins_the_last_one_is_delivered() {
    let (mut us, mut store) = world();
    us.fence(Some(8), Id(77), NOW.now);
    let ids = store.ids();
    let next = us.start(Operation::Deliver, NOW, ids);
    let answer = store.call(next, Fault::None);
    let mut next = us.answered(answer, NOW, ids);
    // It comes while the other one is saved.
    us.fence(None, Id(78), NOW.now);
    for fault in [Fault::SentTwice, Fault::None, Fault::SentTwice] {
        assert!(us.is_pending());
        let answer = store.call(next, fault);
        let ids = store.ids();
        next = us.answered(answer, NOW, ids);
    }
    assert_eq!(next, Next::Done(Done::Delivered));
    assert_eq!(store.record().token, None);
    assert_eq!(store.record().position.order(), (4, 0));
}

#[test]
fn promise_13_a_sign_in_is_recognised_by_its_write_when_it_is_loaded() {
    for token in [Some(9), None] {
        let (mut us, mut store) = world();
        us.fence(token, Id(77), NOW.now);
        let faults = [Fault::None, Fault::Unacknowledged];
        let done = store.run(&mut us, Operation::Deliver, NOW, &faults);
        assert_eq!((done, us.is_pending()), (Done::Failed, true));
        let written = store.record();
        store.calls = 0;
        let done = store.run(&mut us, Operation::Deliver, NOW, &[]);
        assert_eq!((done, us.is_pending()), (Done::Delivered, false));
        assert_eq!((store.record(), store.calls), (written, 1));
    }
}

#[test]
fn promise_3_a_claim_on_what_was_found_before_a_sign_in_is_not_made() {
    let (mut us, mut store) = world();
    let found = claims(&us, Spends::RefreshToken);
    us.fence(Some(9), Id(77), NOW.now);
    let done = store.run(&mut us, Operation::Deliver, NOW, &[]);
    assert_eq!(done, Done::Delivered);
    assert_eq!(store.run(&mut us, found, NOW, &[]), Done::GivenUp);
    assert_eq!(store.record().claim, None);
}
