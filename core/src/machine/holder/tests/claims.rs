//! Claiming, and what follows a save.

use super::looks::standing_word;
use super::table::Table;
use super::*;

const SPENDS: [Spends; 2] = [Spends::RefreshToken, Spends::Nothing];

/// Holders that have found this last.
fn situations(found: &str) -> Vec<Us> {
    match found {
        "older" => vec![older()],
        "nothing" => vec![Holder::new(settings(), None)],
        "a sign-out" => vec![Holder::new(settings(), Some((tombstone(BASE), 1)))],
        "another sign-in" => [record(other_at(3, 0)), tombstone(other_at(3, 0))]
            .map(|fence| {
                let mut holder = us();
                _ = look(&mut holder, NOW, Some((fence, 7)));
                holder
            })
            .into(),
        "pending" => vec![
            pending_after(|holder| holder.fence(Some(9), OTHER, NOW.now)),
            pending_after(|holder| {
                _ = holder.settle(OWN_CLAIM, Settled::Granted(9, RefreshTokenKept::No));
            }),
            pending_after(|holder| {
                _ = holder.settle(OWN_CLAIM, Settled::NotProcessed);
            }),
        ],
        standing => with_standing(standing),
    }
}

/// A holder that could not write what is known over an older record.
fn older() -> Us {
    let mut holder = us();
    let next = look(&mut holder, NOW, Some((record(at(2, 2)), 7)));
    assert!(matches!(next, Next::Save { .. }));
    let next = holder.answered(Answer::Failed, NOW, IDS);
    assert_eq!(next, Next::Done(Done::Failed));
    holder
}

fn pending_after(make: impl FnOnce(&mut Us)) -> Us {
    let mut holder = us();
    claim_durably(&mut holder, NOW);
    make(&mut holder);
    assert!(holder.is_pending());
    holder
}

/// For each claim and for a dead record, with a newer token and the same.
fn with_standing(standing: &str) -> Vec<Us> {
    let mut holders = Vec::new();
    for position in [BASE, at(2, 4)] {
        for claim in CLAIMS {
            for dead in [false, true] {
                let mut holder = us();
                let claim = claim_there(&mut holder, claim);
                let mut there = record(position);
                there.dead = dead;
                let there = match claim {
                    Some(claim) => claimed(there, claim),
                    None => there,
                };
                let next = look(&mut holder, NOW, Some((there, 7)));
                let Next::Done(Done::Found(Found::Token { standing: it, .. })) = next else {
                    panic!("{next:?}");
                };
                if standing_word(it) == standing {
                    holders.push(holder);
                }
            }
        }
    }
    assert!(!holders.is_empty(), "nothing is {standing}");
    holders
}

#[test]
fn the_table_of_claims_describes_each_combination_exactly_once_and_the_code_agrees() {
    let mut table = Table::with("| found | spends | sends | answer |");
    for found in [
        "Free",
        "Ours",
        "Unsent",
        "Lost",
        "Claimed",
        "Dead",
        "older",
        "nothing",
        "a sign-out",
        "another sign-in",
        "pending",
    ] {
        for spends in SPENDS {
            for holder in situations(found) {
                let says = answer(holder, spends);
                table.check(&[found, &format!("{spends:?}")], &says);
            }
        }
    }
    table.is_used();
}

fn answer(mut holder: Us, spends: Spends) -> [String; 2] {
    let there = holder.there.clone();
    let next = holder.start(claims(&holder, spends), NOW, IDS);
    let Next::Save { expected, record } = next else {
        assert_eq!(next, Next::Done(Done::GivenUp));
        return ["not written", "GivenUp"].map(str::to_owned);
    };
    let (there, version) = there.expect("something to claim");
    let sends = match record.sends - there.sends {
        0 => "same",
        1 => "one more",
        other => panic!("{other} more sends"),
    };
    let written = Record {
        claim: Some(claim_of("us", IDS.claim)),
        sends: record.sends,
        write: IDS.write,
        ..there
    };
    assert_eq!((expected, record), (Some(version), written));
    let next = holder.answered(Answer::Kept(8), NOW, IDS);
    let Next::Done(Done::Claimed(over, id)) = next else {
        panic!("{next:?}");
    };
    assert_eq!(id, IDS.claim);
    [sends.to_owned(), format!("Claimed({over:?})")]
}

/// A holder that has called the store to save this.
fn saving(save: &str) -> Vec<(Us, There)> {
    let there = Some((claimed(record(BASE), claim_of("us", OWN_CLAIM)), 9));
    let settled = |settled| {
        let mut holder = pending_after(|holder| _ = holder.settle(OWN_CLAIM, settled));
        let next = holder.start(Operation::Deliver, NOW, IDS);
        assert!(matches!(next, Next::Save { .. }));
        (holder, there.clone())
    };
    match save {
        "known" => {
            let mut holder = us();
            _ = look(&mut holder, NOW, Some((record(at(2, 2)), 7)));
            vec![(holder, Some((record(BASE), 9)))]
        }
        "claim" => {
            let mut holder = us();
            assert!(matches!(claim(&mut holder, NOW), Next::Save { .. }));
            vec![(holder, Some((claimed(record(BASE), theirs()), 9)))]
        }
        "sign-in" => [Some(9), None]
            .map(|token| {
                let mut holder = pending_after(|holder| holder.fence(token, OTHER, NOW.now));
                assert_eq!(holder.start(Operation::Deliver, NOW, IDS), Next::Load);
                let next = holder.answered(Answer::Loaded(there.clone()), NOW, IDS);
                assert!(matches!(next, Next::Save { .. }));
                (holder, there.clone())
            })
            .into(),
        "commit" => vec![settled(Settled::Granted(9, RefreshTokenKept::No))],
        "release" => vec![
            settled(Settled::NotProcessed),
            settled(Settled::Refused),
            settled(Settled::Lost),
        ],
        other => panic!("no save is of {other}"),
    }
}

#[test]
fn the_table_of_saves_describes_each_combination_exactly_once_and_the_code_agrees() {
    let mut table = Table::with("| save | answer | then | pending after |");
    for save in ["known", "claim", "sign-in", "commit", "release"] {
        for answer in ["Kept", "Conflict of ours", "Conflict", "Failed"] {
            for (holder, there) in saving(save) {
                let says = after_save(holder, there, answer);
                table.check(&[save, answer], &says);
            }
        }
    }
    table.is_used();
}

fn after_save(mut holder: Us, there: There, answer: &str) -> [String; 2] {
    let before = holder.pending.clone();
    let wrote = holder.running.as_ref().and_then(|it| it.wrote.clone());
    let (_, wrote) = wrote.expect("a save");
    let answer = match answer {
        "Kept" => Answer::Kept(9),
        "Conflict of ours" => Answer::Conflict(Some((wrote.clone(), 9))),
        "Conflict" => Answer::Conflict(there.clone()),
        "Failed" => Answer::Failed,
        other => panic!("no answer is {other}"),
    };
    let failed = answer == Answer::Failed;
    let then = match holder.answered(answer, NOW, ids(200)) {
        Next::Save { expected, record } => {
            assert_eq!((expected, record.write), (Some(9), Id(200)));
            "writes it over what is there".to_owned()
        }
        Next::Done(Done::Found(_)) if holder.known.as_ref() == Some(&wrote) => {
            "looks at it".to_owned()
        }
        Next::Done(Done::Found(_)) => {
            assert_eq!(holder.known, there.map(|(there, _)| there));
            "looks at what is there".to_owned()
        }
        Next::Done(Done::Claimed(_, OWN_CLAIM)) => "Claimed".to_owned(),
        Next::Done(done) => format!("{done:?}"),
        Next::Load => panic!("a load"),
    };
    assert_eq!(holder.may_have_changed, failed);
    [then, pending_word(&holder, before.as_ref())]
}

pub(super) fn pending_word(holder: &Us, before: Option<&Pending<u32>>) -> String {
    use writes::Released::{Dead, InDoubt, Unsent};
    let word = match &holder.pending {
        None => "nothing",
        Some(Pending::Fence(_)) if is_late(holder) => "late sign-in",
        now if now.as_ref() == before => "same",
        Some(Pending::Fence(_)) => "sign-in",
        Some(Pending::Commit(_)) => "commit",
        Some(Pending::Release(_, Unsent(_))) => "release unsent",
        Some(Pending::Release(_, InDoubt)) => "release in doubt",
        Some(Pending::Release(_, Dead)) => "release dead",
    };
    word.to_owned()
}

/// Whether a pending sign-in is given up because of a higher epoch.
fn is_late(holder: &Us) -> bool {
    let mut holder = holder.clone();
    let elsewhere = Position {
        sign_in: Id(78),
        ..at(9, 0)
    };
    let there = Some((record(elsewhere), 99));
    let next = match holder.start(Operation::Deliver, NOW, IDS) {
        Next::Load => holder.answered(Answer::Loaded(there), NOW, IDS),
        Next::Save { .. } | Next::Done(_) => holder.answered(Answer::Conflict(there), NOW, IDS),
    };
    next == Next::Done(Done::GivenUp)
}
