//! How what is pending is written, or given up.

use super::table::Table;
use super::*;

const PENDING: [&str; 8] = [
    "sign-in",
    "late sign-in",
    "first token",
    "commit",
    "commit sent later",
    "release unsent",
    "release in doubt",
    "release dead",
];
const THERE: [&str; 15] = [
    "nothing",
    "older",
    "base",
    "own claim",
    "another's claim",
    "dead",
    "next",
    "next and claimed",
    "later",
    "own write in a conflict",
    "own write in a load",
    "own write refreshed since",
    "own earlier sign-in",
    "same epoch",
    "higher epoch",
];

const NEW: u32 = 9;
/// A sign-in of the session.
const OURS: Id = Id(77);
/// An earlier one, which was superseded.
const EARLIER: Id = Id(76);

/// Holders for which this is pending.
fn situations(pending: &str) -> Vec<Us> {
    match pending {
        "sign-in" => [Some(NEW), None]
            .map(|token| {
                let mut holder = us();
                holder.fence(token, OURS, NOW.now - PATIENCE);
                holder
            })
            .into(),
        "late sign-in" => {
            let mut holders = Vec::new();
            for token in [Some(NEW), None] {
                let mut late = us();
                late.fence(token, OURS, NOW.now - PATIENCE - SECOND);
                let mut failed = us();
                failed.fence(token, OURS, NOW.now);
                assert_eq!(failed.start(Operation::Deliver, NOW, IDS), Next::Load);
                let next = failed.answered(Answer::Failed, NOW, IDS);
                assert_eq!(next, Next::Done(Done::Failed));
                holders.extend([late, failed]);
            }
            holders
        }
        "first token" => {
            let mut holder = us();
            holder.begin_with(NEW, OURS);
            vec![holder]
        }
        "commit" => vec![settled(None, Settled::Granted(NEW, RefreshTokenKept::No))],
        "commit sent later" => vec![settled(
            Some(theirs()),
            Settled::Granted(NEW, RefreshTokenKept::Yes),
        )],
        "release unsent" => vec![settled(None, Settled::NotProcessed)],
        "release in doubt" => vec![settled(None, Settled::Lost)],
        "release dead" => vec![settled(None, Settled::Refused)],
        other => panic!("nothing pending is {other}"),
    }
}

/// A holder whose claim took the place of another one, and has ended.
fn settled(over: Option<Claim>, settled: Settled<u32>) -> Us {
    let mut holder = us();
    if let Some(over) = over {
        holder.gone(over.id);
        _ = look(&mut holder, NOW, Some((claimed(record(BASE), over), 1)));
    }
    claim_durably(&mut holder, NOW);
    assert!(holder.begin_send(OWN_CLAIM, NOW.now).is_some());
    let position = holder.settle(OWN_CLAIM, settled).expect("it counts");
    holder.hold(position);
    holder
}

/// Records in this relation to what is pending, which was written as `own`.
fn there(there: &str, own: Option<&Stored>) -> Vec<Option<Stored>> {
    let records = match there {
        "nothing" => return vec![None],
        "older" => vec![
            record(at(2, 2)),
            record(at(1, 9)),
            tombstone(other_at(1, 0)),
        ],
        "base" => vec![record(BASE)],
        "own claim" => vec![claimed(record(BASE), claim_of("us", OWN_CLAIM))],
        "another's claim" => vec![
            claimed(record(BASE), theirs()),
            claimed(
                record(BASE),
                Claim {
                    in_doubt: true,
                    ..theirs()
                },
            ),
        ],
        "dead" => vec![Record {
            dead: true,
            ..record(BASE)
        }],
        "next" => vec![record(at(2, 4))],
        "next and claimed" => vec![claimed(record(at(2, 4)), theirs())],
        "later" => vec![record(at(2, 5)), claimed(record(at(2, 6)), theirs())],
        "own write in a conflict" | "own write in a load" => own.cloned().into_iter().collect(),
        "own write refreshed since" => {
            let mut newer = own.expect("a write").clone();
            newer.position.seq += 1;
            newer.write = Id(1_234);
            vec![claimed(newer.clone(), theirs()), newer]
        }
        "own earlier sign-in" => [0, 1]
            .map(|seq| {
                let sign_in = EARLIER;
                record(Position {
                    sign_in,
                    ..at(3, seq)
                })
            })
            .into(),
        "same epoch" => vec![
            record(other_at(2, 0)),
            record(other_at(2, 9)),
            tombstone(other_at(2, 0)),
        ],
        "higher epoch" => vec![record(other_at(3, 0)), tombstone(other_at(8, 0))],
        other => panic!("there is no {other}"),
    };
    records.into_iter().map(Some).collect()
}

#[test]
fn the_table_of_deliveries_describes_each_combination_exactly_once_and_the_code_agrees() {
    let mut table = Table::with("| pending | there | answer |");
    for pending in PENDING {
        for there_is in THERE {
            // A commit that was refreshed is like any later one, and a release has no token. Both
            // give way to any sign-in.
            let is_sign_in = ["sign-in", "late sign-in", "first token"].contains(&pending);
            let for_sign_ins = ["own write refreshed since", "own earlier sign-in"];
            if for_sign_ins.contains(&there_is) && !is_sign_in {
                continue;
            }
            for mut holder in situations(pending) {
                if there_is == "own earlier sign-in" {
                    holder.superseded.push_back(EARLIER);
                }
                let own = there_is.starts_with("own write");
                let (holder, own) = if own { written(holder) } else { (holder, None) };
                for there in there(there_is, own.as_ref()) {
                    if there_is != "own write in a load" {
                        let says = after_conflict(holder.clone(), pending, there.clone());
                        table.check(&[pending, there_is], &says);
                    }
                    if there_is != "own write in a conflict" {
                        let says = after_load(holder.clone(), pending, there.clone());
                        table.check(&[pending, there_is], &says);
                    }
                }
            }
        }
    }
    table.is_used();
}

/// A save is done, but seems to fail. Returns what was written.
fn written(mut holder: Us) -> (Us, Option<Stored>) {
    let base = Some((claimed(record(BASE), claim_of("us", OWN_CLAIM)), 2));
    let next = match holder.start(Operation::Deliver, NOW, ids(40)) {
        Next::Load => holder.answered(Answer::Loaded(base), NOW, ids(40)),
        next @ (Next::Save { .. } | Next::Done(_)) => next,
    };
    let Next::Save { record, .. } = next else {
        panic!("{next:?}");
    };
    let next = holder.answered(Answer::Failed, NOW, IDS);
    assert_eq!(next, Next::Done(Done::Failed));
    (holder, Some(record))
}

/// Delivers, and the store has this.
fn after_load(mut holder: Us, pending: &str, there: Option<Stored>) -> [String; 1] {
    // Not needed for each of them.
    holder.may_have_changed = true;
    assert_eq!(holder.start(Operation::Deliver, NOW, IDS), Next::Load);
    let loaded = there.clone().map(|there| (there, 7));
    let next = holder.answered(Answer::Loaded(loaded), NOW, IDS);
    answer(&holder, next, pending, there)
}

/// Delivers over what was there last, but the store has this.
fn after_conflict(mut holder: Us, pending: &str, there: Option<Stored>) -> [String; 1] {
    let next = holder.start(Operation::Deliver, NOW, ids(60));
    let found = there.clone().map(|there| (there, 7));
    let next = match next {
        // What counts is what is loaded first.
        Next::Load if pending == "sign-in" => {
            holder.answered(Answer::Loaded(found.clone()), NOW, IDS)
        }
        Next::Load => holder.answered(Answer::Loaded(holder.there.clone()), NOW, ids(60)),
        next @ (Next::Save { .. } | Next::Done(_)) => next,
    };
    let next = match next {
        Next::Save { .. } if pending != "sign-in" => {
            holder.answered(Answer::Conflict(found), NOW, IDS)
        }
        next @ (Next::Load | Next::Save { .. } | Next::Done(_)) => next,
    };
    answer(&holder, next, pending, there)
}

fn answer(holder: &Us, next: Next<u32, u32>, pending: &str, there: Option<Stored>) -> [String; 1] {
    let (expected, written) = match next {
        Next::Save { expected, record } => (expected, record),
        Next::Done(done) => {
            assert!(!holder.is_pending(), "{done:?}");
            return [format!("{done:?}")];
        }
        Next::Load => panic!("a load"),
    };
    assert!(holder.is_pending());
    assert_eq!(expected, there.as_ref().map(|_| 7));
    let position = written.position;
    assert_eq!(kept(holder), position, "it is used under its position");
    let (should_be, says) = match pending {
        "commit" | "commit sent later" => {
            let mut record = Record::new(position, Some(NEW), TokenUse::Learn);
            record.reusable = pending == "commit sent later";
            let says = match there {
                Some(there) if there.position == at(2, 4) => {
                    assert_eq!(position, at(2, 5));
                    "written as its successor"
                }
                _ => {
                    assert_eq!(position, at(2, 4));
                    "written"
                }
            };
            // The next conflict is compared with it.
            let known = holder.known.as_ref().map(|known| known.position);
            assert_eq!((known, holder.held), (Some(at(2, 4)), at(2, 4)));
            (record, says)
        }
        "sign-in" | "late sign-in" | "first token" => {
            let epoch = there.map_or(2, |there| there.position.epoch.max(2)) + 1;
            let next = Position {
                epoch,
                seq: 0,
                sign_in: OURS,
            };
            assert_eq!(position, next);
            let token = written.token.filter(|_| pending != "first token");
            let token = token.map_or(written.token, |_| Some(NEW));
            let record = Record::new(position, token, TokenUse::Learn);
            (record, "written in the next epoch")
        }
        release => (released(release, there.expect("a claim")), "written"),
    };
    assert_eq!(written, should_be.with_write(IDS.write));
    [says.to_owned()]
}

/// The position of the token that the session uses after the save.
fn kept(holder: &Us) -> Position {
    let mut holder = holder.clone();
    let next = holder.answered(Answer::Kept(8), NOW, IDS);
    assert_eq!(next, Next::Done(Done::Delivered));
    holder.held
}

fn released(release: &str, there: Stored) -> Stored {
    match release {
        "release unsent" => Record {
            claim: None,
            sends: there.sends - 1,
            ..there
        },
        "release dead" => Record {
            claim: None,
            dead: true,
            ..there
        },
        _ => Record {
            claim: there.claim.map(|claim| Claim {
                in_doubt: true,
                ..claim
            }),
            ..there
        },
    }
}
