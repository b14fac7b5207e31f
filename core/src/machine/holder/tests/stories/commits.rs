//! How a new token is saved, and a refusal.

use super::*;

#[test]
fn promise_10_a_commit_is_saved_as_soon_as_the_store_is_back() {
    let (mut us, mut store) = world();
    let claim = claim_and_send(&mut store, &mut us);
    assert_eq!(us.settle(claim, granted(9)), Some(at(2, 4)));
    for _ in 0..20 {
        let done = store.run(&mut us, Operation::Deliver, NOW, &[Fault::Down]);
        assert_eq!((done, us.is_pending()), (Done::Failed, true));
    }
    // Others have given the holder up in the meantime.
    store.change(|record| *record = claimed(record.clone(), theirs()));
    store.change(|record| record.dead = true);
    let done = store.run(&mut us, Operation::Deliver, NOW, &[]);
    assert_eq!((done, us.is_pending()), (Done::Delivered, false));
    let saved = store.record();
    let expected = Record::new(at(2, 4), Some(9), TokenUse::Learn);
    assert_eq!(saved, expected.with_write(saved.write));
}

#[test]
fn promise_10_a_commit_that_was_sent_twice_is_recognised() {
    let (mut us, mut store) = world();
    let claim = claim_and_send(&mut store, &mut us);
    assert_eq!(us.settle(claim, granted(9)), Some(at(2, 4)));
    us.hold(at(2, 4));
    let done = store.run(&mut us, Operation::Deliver, NOW, &[Fault::SentTwice]);
    assert_eq!(done, Done::Delivered);
    assert_eq!(token(look(&mut store, &mut us, NOW)).1, Age::Same);
}

#[test]
fn promise_10_a_commit_whose_acknowledgement_was_lost_gives_way_to_its_successor() {
    for over in [None, Some(theirs())] {
        let (mut us, mut store) = world();
        if let Some(claim) = over {
            us.gone(claim.id);
            store.change(|record| *record = claimed(record.clone(), claim));
            _ = look(&mut store, &mut us, NOW);
        }
        let claim = claim_and_send(&mut store, &mut us);
        assert_eq!(us.settle(claim, granted(9)), Some(at(2, 4)));
        us.hold(at(2, 4));
        let done = store.run(&mut us, Operation::Deliver, NOW, &[Fault::Unacknowledged]);
        assert_eq!(done, Done::Failed);
        store.change(|record| *record = super::record(at(2, 5)));
        let done = store.run(&mut us, Operation::Deliver, NOW, &[]);
        assert_eq!((done, us.is_pending()), (Done::GivenUp, false));
        let (position, age, ..) = token(look(&mut store, &mut us, NOW));
        assert_eq!((position, age), (at(2, 5), Age::Newer));
    }
}

#[test]
fn promise_10_two_holders_who_traded_the_same_token_end_with_the_one_sent_later() {
    let (mut us, mut store) = world();
    let mut them = us.clone();
    let their_claim = claim_and_send(&mut store, &mut them);
    us.gone(store.record().claim.expect("a claim").id);
    assert_eq!(standing(&mut store, &mut us, NOW), Standing::Lost);
    let (over, claim) = claim_durably(&mut store, &mut us, NOW);
    assert_eq!(over, Claimed::Over);
    assert!(us.begin_send(claim, NOW.now).is_some());
    assert_eq!(us.settle(claim, granted(8)), Some(at(2, 4)));
    assert_eq!(them.settle(their_claim, granted(7)), Some(at(2, 4)));
    let mut other_way_round = (us.clone(), them.clone(), store.clone());

    // The one who was sent first is saved first.
    us.hold(at(2, 4));
    assert_eq!(
        store.run(&mut them, Operation::Deliver, NOW, &[]),
        Done::Delivered
    );
    assert_eq!(
        store.run(&mut us, Operation::Deliver, NOW, &[]),
        Done::Delivered
    );
    assert_eq!(token(look(&mut store, &mut us, NOW)).1, Age::Same);
    let (position, age, ..) = token(look(&mut store, &mut them, NOW));
    assert_eq!((position, age), (at(2, 5), Age::Newer));
    assert_eq!(store.record().token, Some(8));

    // It is saved last.
    let (us, them, store) = (
        &mut other_way_round.0,
        &mut other_way_round.1,
        &mut other_way_round.2,
    );
    them.hold(at(2, 4));
    assert_eq!(store.run(us, Operation::Deliver, NOW, &[]), Done::Delivered);
    assert_eq!(store.run(them, Operation::Deliver, NOW, &[]), Done::GivenUp);
    // The session uses its own token, but what is there counts as newer.
    assert_eq!(token(look(store, them, NOW)).1, Age::Newer);
    assert_eq!(store.record().token, Some(8));
}

#[test]
fn promise_11_a_refusal_does_not_erase_the_token_of_the_one_who_won() {
    let (mut us, mut store) = world();
    let claim = claim_and_send(&mut store, &mut us);
    store.change(|record| *record = super::record(at(2, 4)));
    let before = store.record();
    assert_eq!(us.settle(claim, Settled::Refused), Some(BASE));
    assert_eq!(
        store.run(&mut us, Operation::Deliver, NOW, &[]),
        Done::GivenUp
    );
    assert_eq!(store.record(), before);
}

#[test]
fn promise_11_what_one_holder_is_refused_no_other_sends() {
    let (mut us, mut store) = world();
    let mut them = us.clone();
    let claim = claim_and_send(&mut store, &mut us);
    assert_eq!(us.settle(claim, Settled::Refused), Some(BASE));
    assert_eq!(
        store.run(&mut us, Operation::Deliver, NOW, &[]),
        Done::Delivered
    );
    assert_eq!(standing(&mut store, &mut them, NOW), Standing::Dead);
    assert_eq!(
        store.claim(&mut them, Spends::RefreshToken, NOW, &[]),
        Done::GivenUp
    );
}

#[test]
fn promise_10_a_commit_or_release_is_recognised_by_its_write_when_it_is_loaded() {
    for settled in [
        granted(9),
        Settled::NotProcessed,
        Settled::Refused,
        Settled::Lost,
    ] {
        let (mut us, mut store) = world();
        let claim = claim_and_send(&mut store, &mut us);
        us.hold(us.clone().settle(claim, settled).expect("it counts"));
        assert!(us.settle(claim, settled).is_some());
        let done = store.run(&mut us, Operation::Deliver, NOW, &[Fault::Unacknowledged]);
        assert_eq!((done, us.is_pending()), (Done::Failed, true));
        let written = store.record();
        let (position, age, ..) = token(look(&mut store, &mut us, NOW));
        assert_eq!((position, age), (written.position, Age::Same));
        assert_eq!((store.record(), us.is_pending()), (written, false));
    }
}

#[test]
fn promise_10_a_token_that_was_sent_later_gives_way_to_another_one_that_is_claimed_meanwhile() {
    let (mut us, mut store) = world();
    us.gone(THEIR_CLAIM);
    store.change(|record| *record = claimed(record.clone(), theirs()));
    assert_eq!(standing(&mut store, &mut us, NOW), Standing::Lost);
    let claim = claim_and_send(&mut store, &mut us);
    assert_eq!(us.settle(claim, granted(8)), Some(at(2, 4)));
    us.hold(at(2, 4));
    store.change(|record| *record = super::record(at(2, 4)));
    let ids = store.ids();
    let next = us.start(Operation::Deliver, NOW, ids);
    let answer = store.call(next, Fault::None);
    let next = us.answered(answer, NOW, ids);
    let Next::Save { record, .. } = &next else {
        panic!("{next:?}");
    };
    assert_eq!((record.position, record.token), (at(2, 5), Some(8)));
    // Somebody trades the other one before it is saved.
    store.change(|record| *record = claimed(record.clone(), claim_of("them", Id(6))));
    let there = store.record();
    let answer = store.call(next, Fault::None);
    let next = us.answered(answer, NOW, IDS);
    assert_eq!(next, Next::Done(Done::GivenUp));
    assert_eq!(store.record(), there);
    let (position, age, ..) = token(look(&mut store, &mut us, NOW));
    assert_eq!((position, age), (at(2, 4), Age::Newer));
}
