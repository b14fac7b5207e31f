//! How long another holder's claim is waited for.

use super::*;

#[test]
fn promise_26_a_claim_is_judged_lost_by_the_monotonic_clock_across_operations() {
    let longer = LIMIT * 3;
    for (ours, their_limit) in [(LIMIT, longer), (longer, LIMIT)] {
        let (mut us, mut store) = world();
        us.settings.limit = ours;
        let limit = their_limit;
        store.change(|record| *record = claimed(record.clone(), Claim { limit, ..theirs() }));
        let lost_after = longer + MARGIN;
        let after = |seen_for| Clocks {
            // The wall clock jumped.
            now: NOW.now + longer * 9,
            monotonic: NOW.monotonic + seen_for,
        };
        for seconds in 0..lost_after.as_secs() {
            let seen_for = Duration::from_secs(seconds);
            let expected = Standing::Claimed {
                id: THEIR_CLAIM,
                holder: "them".into(),
                seen_for,
                lost_in: lost_after - seen_for,
            };
            assert_eq!(standing(&mut store, &mut us, after(seen_for)), expected);
            // It does not begin again with another write, or after a call that failed.
            let down = store.run(&mut us, Operation::Look, after(seen_for), &[Fault::Down]);
            assert_eq!(down, Done::Failed);
            store.change(|record| record.sends += 1);
        }
        assert_eq!(
            standing(&mut store, &mut us, after(lost_after)),
            Standing::Lost
        );
        let later = after(lost_after);
        assert_eq!(standing(&mut store, &mut us, later), Standing::Lost);
        let (over, _) = claim_durably(&mut store, &mut us, later);
        assert_eq!(over, Claimed::Over);
        // It begins again with another claim.
        let next = claim_of("them", Id(6));
        store.change(|record| *record = claimed(record.clone(), next));
        let found = standing(&mut store, &mut us, later);
        assert!(matches!(found, Standing::Claimed { seen_for, .. } if seen_for.is_zero()));
    }
}

#[test]
fn promise_26_a_holder_that_is_gone_is_not_waited_for() {
    let (mut us, mut store) = world();
    store.change(|record| *record = claimed(record.clone(), theirs()));
    us.gone(Id(999));
    let found = standing(&mut store, &mut us, NOW);
    assert!(matches!(found, Standing::Claimed { .. }));
    us.gone(THEIR_CLAIM);
    assert_eq!(standing(&mut store, &mut us, NOW), Standing::Lost);
}
