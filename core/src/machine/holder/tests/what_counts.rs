//! What counts after a claim, a sign-in or a sign-out.

use super::claims::pending_word;
use super::table::Table;
use super::*;

const STATES: [&str; 8] = [
    "no claim",
    "claim",
    "sent",
    "late",
    "signed in",
    "signed in and delivered",
    "signed in while claiming",
    "followed",
];
const CALLS: [&str; 13] = [
    "begin_send",
    "begin_send of another claim",
    "settle(Granted)",
    "settle(NotProcessed)",
    "settle(Refused)",
    "settle(Lost)",
    "settle of another claim",
    "hold of the sign-in",
    "hold of another sign-in",
    "follow of a higher epoch",
    "follow of another sign-in in the epoch",
    "follow of the same sign-in",
    "follow of a lower epoch",
];

fn situations(state: &str) -> Vec<Us> {
    let tokens = [Some(9), None];
    let mut holder = us();
    if !["no claim", "signed in while claiming"].contains(&state) {
        claim_durably(&mut holder, clocks(991));
    }
    match state {
        "no claim" | "claim" => {}
        "sent" => assert!(holder.begin_send(OWN_CLAIM, NOW.now).is_some()),
        "late" => {
            // Sent in time, or not.
            let mut sent = us();
            claim_durably(&mut sent, clocks(990));
            let mut late = sent.clone();
            assert!(sent.begin_send(OWN_CLAIM, clocks(999).now).is_some());
            assert_eq!(late.begin_send(OWN_CLAIM, NOW.now), None);
            return vec![sent, late];
        }
        "signed in" => return tokens.map(|token| signed_in(holder.clone(), token)).into(),
        "signed in and delivered" => {
            let deliver = |token| {
                let mut holder = signed_in(holder.clone(), token);
                let there = holder.there.clone();
                assert_eq!(holder.start(Operation::Deliver, NOW, IDS), Next::Load);
                let next = holder.answered(Answer::Loaded(there), NOW, IDS);
                assert!(matches!(next, Next::Save { .. }));
                let next = holder.answered(Answer::Kept(9), NOW, IDS);
                assert_eq!(next, Next::Done(Done::Delivered));
                holder
            };
            return tokens.map(deliver).into();
        }
        "signed in while claiming" => {
            assert!(matches!(claim(&mut holder, clocks(991)), Next::Save { .. }));
            let end = |token| {
                let mut holder = signed_in(holder.clone(), token);
                let next = holder.answered(Answer::Kept(2), NOW, IDS);
                assert_eq!(next, Next::Done(Done::GivenUp));
                holder
            };
            return tokens.map(end).into();
        }
        "followed" => {
            let fences = [record(other_at(3, 0)), tombstone(other_at(3, 0))];
            let follow = |fence: Stored| {
                let mut holder = holder.clone();
                assert!(holder.follow(&fence));
                holder
            };
            return fences.map(follow).into();
        }
        other => panic!("no state is {other}"),
    }
    vec![holder]
}

fn signed_in(mut holder: Us, token: Option<u32>) -> Us {
    holder.fence(token, Id(77), NOW.now);
    holder
}

#[test]
fn the_table_of_what_counts_describes_each_combination_exactly_once_and_the_code_agrees() {
    let mut table = Table::with("| call | state | answer | pending after |");
    for call in CALLS {
        for state in STATES {
            for mut holder in situations(state) {
                let before = holder.pending.clone();
                let answer = answer(&mut holder, call);
                let pending = match holder.pending == before {
                    true => "same".to_owned(),
                    false => pending_word(&holder, before.as_ref()),
                };
                let pending = match (call, answer.as_str()) {
                    (
                        "follow of a higher epoch" | "follow of another sign-in in the epoch",
                        "true",
                    ) => {
                        assert_eq!(holder.pending, None);
                        "nothing".to_owned()
                    }
                    _ => pending,
                };
                table.check(&[call, state], &[answer, pending]);
            }
        }
    }
    table.is_used();
}

fn answer(holder: &mut Us, call: &str) -> String {
    let held = holder.held;
    let elsewhere = |epoch| {
        record(Position {
            epoch,
            seq: 0,
            sign_in: Id(78),
        })
    };
    let next = Position {
        seq: held.seq + 1,
        ..held
    };
    let settled = |holder: &mut Us, settled| match holder.settle(OWN_CLAIM, settled) {
        None => "None".to_owned(),
        Some(position) if position == BASE => "the position".to_owned(),
        Some(position) => {
            assert_eq!(position, at(2, 4));
            "the next position".to_owned()
        }
    };
    match call {
        "begin_send" => match holder.begin_send(OWN_CLAIM, NOW.now) {
            Some(limit) => {
                assert_eq!(limit, clocks(1_001).now);
                "the limit".to_owned()
            }
            None => "None".to_owned(),
        },
        "begin_send of another claim" => {
            let limit = holder.begin_send(THEIR_CLAIM, NOW.now);
            limit.map_or("None", |_| "a limit").to_owned()
        }
        "settle(Granted)" => settled(holder, Settled::Granted(9, RefreshTokenKept::No)),
        "settle(NotProcessed)" => settled(holder, Settled::NotProcessed),
        "settle(Refused)" => settled(holder, Settled::Refused),
        "settle(Lost)" => settled(holder, Settled::Lost),
        "settle of another claim" => {
            let claim = holder.claim;
            let position = holder.settle(THEIR_CLAIM, Settled::Lost);
            assert_eq!(holder.claim, claim, "it goes on");
            position.map_or("None", |_| "a position").to_owned()
        }
        "hold of the sign-in" => held_by(holder, next),
        "hold of another sign-in" => held_by(holder, elsewhere(held.epoch).position),
        "follow of a higher epoch" => followed(holder, &elsewhere(held.epoch + 1)),
        "follow of another sign-in in the epoch" => followed(holder, &elsewhere(held.epoch)),
        "follow of the same sign-in" => followed(holder, &record(next)),
        "follow of a lower epoch" => followed(holder, &elsewhere(held.epoch - 1)),
        other => panic!("no call is {other}"),
    }
}

fn held_by(holder: &mut Us, position: Position) -> String {
    holder.hold(position);
    match holder.held == position {
        true => "held".to_owned(),
        false => "not held".to_owned(),
    }
}

fn followed(holder: &mut Us, fence: &Stored) -> String {
    let before = holder.held;
    let follows = holder.follow(fence);
    let held = if follows { fence.position } else { before };
    assert_eq!(holder.held, held);
    follows.to_string()
}
