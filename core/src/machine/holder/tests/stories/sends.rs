//! How often a refresh token is sent, and under which claims.

use super::*;

#[test]
fn promise_23_a_claim_whose_acknowledgement_was_lost_counts_once() {
    let (mut us, mut store) = world();
    let done = store.claim(&mut us, Spends::RefreshToken, NOW, &[Fault::Unacknowledged]);
    assert_eq!(done, Done::Failed);
    let claim = store.record().claim.expect("a claim").id;
    assert_eq!(us.begin_send(claim, NOW.now), None);
    assert_eq!(store.record().sends, 1);
    // It is taken back, because nothing was sent under it.
    assert_eq!(standing(&mut store, &mut us, NOW), Standing::Free);
    assert_eq!(store.record().sends, 0);
    _ = claim_and_send(&mut store, &mut us);
    assert_eq!(store.record().sends, 1);
}

#[test]
fn promise_23_a_claim_that_lands_late_is_replaced_with_the_same_sends() {
    let (mut us, mut store) = world();
    assert_eq!(
        store.claim(&mut us, Spends::RefreshToken, NOW, &[Fault::Late]),
        Done::Failed
    );
    assert_eq!(standing(&mut store, &mut us, NOW), Standing::Free);
    store.land();
    let late = store.record().claim.expect("a claim").id;
    assert_eq!(standing(&mut store, &mut us, NOW), Standing::Unsent);
    _ = claim_and_send(&mut store, &mut us);
    assert_ne!(store.record().claim.expect("a claim").id, late);
    assert_eq!(store.record().sends, 1);
    assert_eq!(standing(&mut store, &mut us, NOW), Standing::Lost);
}

#[test]
fn promise_23_a_claim_that_lands_late_conflicts_with_the_next_one() {
    let (mut us, mut store) = world();
    assert_eq!(
        store.claim(&mut us, Spends::RefreshToken, NOW, &[Fault::Late]),
        Done::Failed
    );
    assert_eq!(standing(&mut store, &mut us, NOW), Standing::Free);
    store.land();
    let done = store.claim(&mut us, Spends::RefreshToken, NOW, &[]);
    let Done::Found(found) = done else {
        panic!("{done:?}");
    };
    assert_eq!(token(found).2, Standing::Unsent);
    for record in store.states() {
        let claim = record.claim.as_ref().map_or(Id(0), |claim| claim.id);
        assert_eq!(us.begin_send(claim, NOW.now), None, "no claim was saved");
    }
}

#[test]
fn promise_23_what_was_not_processed_is_taken_back_only_from_ones_own_claim() {
    let (mut us, mut store) = world();
    let claim = claim_and_send(&mut store, &mut us);
    store.change(|record| *record = claimed(record.clone(), theirs()));
    let before = store.record();
    assert_eq!(us.settle(claim, Settled::NotProcessed), Some(BASE));
    let done = store.run(&mut us, Operation::Deliver, NOW, &[]);
    assert_eq!((done, us.is_pending()), (Done::GivenUp, false));
    assert_eq!(store.record(), before);
}

#[test]
fn promise_23_two_holders_that_claim_at_once_do_not_both_send() {
    let (mut us, mut store) = world();
    let mut them = us.clone();
    let calls = [&mut us, &mut them].map(|it| {
        let ids = store.ids();
        it.start(claims(it, Spends::RefreshToken), NOW, ids)
    });
    let answers = calls.map(|next| store.call(next, Fault::None));
    let [ours, theirs] = answers;
    let ends = us.answered(ours, NOW, IDS);
    let claim = store.record().claim.expect("a claim").id;
    assert_eq!(ends, Next::Done(Done::Claimed(Claimed::Free, claim)));
    let ends = them.answered(theirs, NOW, IDS);
    let Next::Done(Done::Found(found)) = ends else {
        panic!("{ends:?}");
    };
    assert!(matches!(token(found).2, Standing::Claimed { .. }));
    assert_eq!(them.begin_send(claim, NOW.now), None);
}

#[test]
fn promise_23_the_strictest_use_of_all_holders_stays_in_the_record() {
    let (mut us, mut store) = world();
    let mut them = us.clone();
    them.settings.token_use = TokenUse::SingleUse;
    let their_claim = claim_and_send(&mut store, &mut them);
    assert_eq!(store.record().token_use, TokenUse::SingleUse);
    assert_eq!(them.settle(their_claim, granted(9)), Some(at(2, 4)));
    assert_eq!(
        store.run(&mut them, Operation::Deliver, NOW, &[]),
        Done::Delivered
    );
    let (position, age, _, sent) = token(look(&mut store, &mut us, NOW));
    assert_eq!((position, age), (at(2, 4), Age::Newer));
    assert_eq!((sent.sends, sent.token_use), (0, TokenUse::SingleUse));
    let claim = claim_and_send(&mut store, &mut us);
    assert_eq!(us.settle(claim, granted(10)), Some(at(2, 5)));
    assert_eq!(
        store.run(&mut us, Operation::Deliver, NOW, &[]),
        Done::Delivered
    );
    assert_eq!(store.record().token_use, TokenUse::SingleUse);
}

#[test]
fn promise_23_a_claim_under_which_something_was_sent_is_not_taken_for_unsent() {
    let (mut us, mut store) = world();
    let claim = claim_and_send(&mut store, &mut us);
    assert_eq!(us.settle(claim, Settled::Lost), Some(BASE));
    let done = store.run(&mut us, Operation::Deliver, NOW, &[Fault::Late]);
    assert_eq!(done, Done::Failed);
    // A stale read shows no claim, so that there seems to be nothing to release.
    assert_eq!(us.start(Operation::Deliver, NOW, IDS), Next::Load);
    let next = us.answered(Answer::Loaded(Some((record(BASE), 1))), NOW, IDS);
    assert_eq!(next, Next::Done(Done::GivenUp));
    let found = standing(&mut store, &mut us, NOW);
    assert!(matches!(found, Standing::Claimed { .. }), "{found:?}");
    store.land();
    assert_eq!(standing(&mut store, &mut us, NOW), Standing::Lost);
    assert_eq!(store.record().sends, 1);
}

#[test]
fn promise_23_the_first_send_is_later_than_the_last_look_without_sends() {
    let (mut us, mut store) = world();
    let not_before = |store: &mut Store, us: &mut Us, seconds| {
        token(look(store, us, clocks(seconds))).3.not_before
    };
    let at_1 = Some(Duration::from_secs(1_001));
    assert_eq!(not_before(&mut store, &mut us, 1_001), at_1);
    store.change(|record| *record = claimed(record.clone(), theirs()));
    assert_eq!(not_before(&mut store, &mut us, 1_002), at_1);
    store.change(|record| *record = claimed(record.clone(), theirs()));
    assert_eq!(not_before(&mut store, &mut us, 1_003), at_1);
    // It is unknown for a token that was never seen unsent.
    store.change(|record| *record = claimed(super::record(at(2, 4)), theirs()));
    assert_eq!(not_before(&mut store, &mut us, 1_004), None);
}

#[test]
fn promise_24_nothing_is_sent_after_the_limit_of_the_claim() {
    let (mut us, mut store) = world();
    let (_, claim) = claim_durably(&mut store, &mut us, NOW);
    let limit = NOW.now + LIMIT;
    let just_before = limit - Duration::from_nanos(1);
    assert_eq!(us.clone().begin_send(claim, just_before), Some(limit));
    assert_eq!(us.begin_send(claim, limit), None);
    // The monotonic clock stood still.
    let woken = Clocks {
        now: NOW.now + LIMIT,
        monotonic: NOW.monotonic,
    };
    assert_eq!(standing(&mut store, &mut us, woken), Standing::Unsent);
    let (over, next) = claim_durably(&mut store, &mut us, woken);
    assert_eq!(over, Claimed::Free);
    assert_eq!(store.record().sends, 1);
    assert_eq!(us.begin_send(claim, woken.now), None, "it was replaced");
    assert_eq!(us.begin_send(next, woken.now), Some(woken.now + LIMIT));
}

#[test]
fn promise_24_the_limit_counts_from_before_the_claim_is_written() {
    let (mut us, mut store) = world();
    let ids = store.ids();
    let next = us.start(claims(&us, Spends::RefreshToken), NOW, ids);
    let answer = store.call(next, Fault::None);
    let later = clocks(1_009);
    let next = us.answered(answer, later, IDS);
    assert_eq!(next, Next::Done(Done::Claimed(Claimed::Free, ids.claim)));
    assert_eq!(us.begin_send(ids.claim, later.now), Some(NOW.now + LIMIT));
}

#[test]
fn promise_24_no_claim_is_written_while_something_else_must_be() {
    let (mut us, mut store) = world();
    us.fence(Some(9), Id(77), NOW.now);
    store.calls = 0;
    assert_eq!(
        store.claim(&mut us, Spends::RefreshToken, NOW, &[]),
        Done::GivenUp
    );
    assert_eq!(store.calls, 0);
}

#[test]
fn promise_23_a_claim_of_ones_own_without_a_send_does_not_use_up_the_only_one() {
    let (mut us, mut store) = world();
    us.settings.token_use = TokenUse::SingleUse;
    let (_, claim) = claim_durably(&mut store, &mut us, NOW);
    let (.., standing, sent) = token(look(&mut store, &mut us, NOW));
    assert_eq!((standing, sent.sends), (Standing::Ours(claim), 0));
    let late = clocks(1_010);
    let (.., standing, sent) = token(look(&mut store, &mut us, late));
    assert_eq!((standing, sent.sends), (Standing::Unsent, 0));
    let (_, claim) = claim_durably(&mut store, &mut us, late);
    assert!(us.begin_send(claim, late.now).is_some());
    let (.., standing, sent) = token(look(&mut store, &mut us, late));
    assert_eq!((standing, sent.sends), (Standing::Lost, 1));
}

#[test]
fn promise_23_a_claim_that_spends_nothing_counts_when_it_is_replaced_by_one_that_does() {
    let (mut us, mut store) = world();
    let done = store.claim(&mut us, Spends::Nothing, NOW, &[Fault::Late]);
    assert_eq!(done, Done::Failed);
    assert_eq!(standing(&mut store, &mut us, NOW), Standing::Free);
    store.land();
    let (.., standing, sent) = token(look(&mut store, &mut us, NOW));
    assert_eq!((standing, sent.sends), (Standing::Unsent, 0));
    _ = claim_and_send(&mut store, &mut us);
    assert_eq!(store.record().sends, 1);
}

#[test]
fn promise_23_a_claim_that_spends_nothing_takes_back_what_the_claim_before_it_counted() {
    let (mut us, mut store) = world();
    assert_eq!(
        store.claim(&mut us, Spends::RefreshToken, NOW, &[Fault::Late]),
        Done::Failed
    );
    assert_eq!(standing(&mut store, &mut us, NOW), Standing::Free);
    store.land();
    assert_eq!(standing(&mut store, &mut us, NOW), Standing::Unsent);
    let done = store.claim(&mut us, Spends::Nothing, NOW, &[]);
    let Done::Claimed(Claimed::Free, claim) = done else {
        panic!("{done:?}");
    };
    assert_eq!(store.record().sends, 1);
    assert!(us.begin_send(claim, NOW.now).is_some());
    assert_eq!(us.settle(claim, Settled::NotProcessed), Some(BASE));
    let done = store.run(&mut us, Operation::Deliver, NOW, &[]);
    assert_eq!((done, store.record().sends), (Done::Delivered, 0));
}

#[test]
fn promise_23_a_sign_in_with_the_same_refresh_token_keeps_its_sends() {
    let same = record(BASE).token;
    for (token, kept) in [(same, (1, true)), (Some(9), (0, false)), (None, (0, false))] {
        let (mut us, mut store) = world();
        store.change(|record| {
            *record = claimed(record.clone(), theirs());
            record.reusable = true;
        });
        us.fence(token, Id(77), NOW.now);
        let done = store.run(&mut us, Operation::Deliver, NOW, &[]);
        assert_eq!(done, Done::Delivered);
        let record = store.record();
        assert_eq!((record.token, record.claim), (token, None));
        assert_eq!((record.sends, record.reusable), kept);
    }
}

#[test]
fn promise_23_a_sign_in_keeps_the_sends_of_the_newer_one_of_what_is_known_and_what_is_there() {
    let newer = at(2, 4);
    for token in [record(BASE).token, record(newer).token] {
        let mut store = Store::with(claimed(record(newer), theirs()));
        let mut us = Holder::new(settings(), store.there());
        // The store was restored.
        let mut restored = Store::with(record(BASE));
        // And another holder has not seen that its token is newer.
        let mut them = super::us();
        let is_newer = token == record(newer).token;
        for (holder, store) in [(&mut us, &mut restored), (&mut them, &mut store)] {
            holder.fence(token, Id(77), NOW.now);
            let done = store.run(holder, Operation::Deliver, NOW, &[]);
            assert_eq!(done, Done::Delivered);
            assert_eq!(store.record().token, token);
            assert_eq!(store.record().sends, u32::from(is_newer));
        }
    }
}

#[test]
fn promise_23_a_sign_in_with_the_same_refresh_token_does_not_keep_what_was_not_sent() {
    for sent in [false, true] {
        let (mut us, mut store) = world();
        let (_, claim) = claim_durably(&mut store, &mut us, NOW);
        assert!(!sent || us.begin_send(claim, NOW.now).is_some());
        us.fence(record(BASE).token, Id(77), NOW.now);
        assert_eq!(us.begin_send(claim, NOW.now), None);
        let done = store.run(&mut us, Operation::Deliver, NOW, &[]);
        assert_eq!(done, Done::Delivered);
        assert_eq!(store.record().sends, u32::from(sent));
    }
}

#[test]
fn promise_24_a_claim_does_not_count_after_a_sign_in_that_came_while_it_was_saved() {
    for fault in [Fault::None, Fault::SentTwice] {
        let (mut us, mut store) = world();
        let ids = store.ids();
        let next = us.start(claims(&us, Spends::RefreshToken), NOW, ids);
        us.fence(Some(9), Id(77), NOW.now);
        let answer = store.call(next, fault);
        let next = us.answered(answer, NOW, IDS);
        assert_eq!(next, Next::Done(Done::GivenUp));
        assert!(store.record().claimed_by(ids.claim));
        assert_eq!(us.begin_send(ids.claim, NOW.now), None);
        assert_eq!(us.settle(ids.claim, granted(8)), None);
        let done = store.run(&mut us, Operation::Deliver, NOW, &[]);
        assert_eq!(done, Done::Delivered);
        let record = store.record();
        assert_eq!((record.token, record.claim), (Some(9), None));
    }
}

#[test]
fn promise_24_a_claim_that_conflicts_after_a_sign_in_is_not_tried_again() {
    let (mut us, mut store) = world();
    let ids = store.ids();
    let next = us.start(claims(&us, Spends::RefreshToken), NOW, ids);
    us.fence(Some(9), Id(77), NOW.now);
    store.change(|record| *record = super::record(at(2, 4)));
    let answer = store.call(next, Fault::None);
    let next = us.answered(answer, NOW, IDS);
    let answer = store.call(next, Fault::None);
    let next = us.answered(answer, NOW, IDS);
    assert_eq!(next, Next::Done(Done::Delivered));
    let record = store.record();
    assert_eq!((record.token, record.claim), (Some(9), None));
    assert_eq!(us.begin_send(ids.claim, NOW.now), None);
}

#[test]
fn promise_24_a_claim_from_before_a_sign_in_does_not_end_a_later_one() {
    for settled in [
        granted(7),
        Settled::NotProcessed,
        Settled::Refused,
        Settled::Lost,
    ] {
        let (mut us, mut store) = world();
        let before = claim_and_send(&mut store, &mut us);
        us.fence(Some(9), Id(77), NOW.now);
        let done = store.run(&mut us, Operation::Deliver, NOW, &[]);
        assert_eq!(done, Done::Delivered);
        let (_, claim) = claim_durably(&mut store, &mut us, NOW);
        assert_eq!(us.settle(before, settled), None);
        assert!(!us.is_pending());
        assert_eq!(us.begin_send(before, NOW.now), None);
        assert!(us.begin_send(claim, NOW.now).is_some());
        let position = us.settle(claim, granted(8)).expect("it counts");
        assert_eq!((position.order(), position.sign_in), ((3, 1), Id(77)));
    }
}
