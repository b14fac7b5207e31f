//! What a look finds, and whether the refresh token may be sent.

use super::table::Table;
use super::*;

const THERE: [&str; 8] = [
    "nothing",
    "nothing any more",
    "older",
    "same",
    "newer",
    "own sign-out",
    "another sign-in",
    "another sign-out",
];

/// Holders, and what is there, in this relation.
fn situations(there: &str) -> Vec<(Us, Option<Stored>)> {
    let newer_known = || {
        let mut holder = us();
        holder.known = Some(record(at(2, 5)));
        holder
    };
    match there {
        "nothing" => vec![(Holder::new(settings(), None), None)],
        "nothing any more" => vec![(us(), None)],
        "older" => vec![
            (us(), Some(record(at(2, 2)))),
            (us(), Some(record(other_at(2, 2)))),
            (us(), Some(record(at(1, 9)))),
            (us(), Some(record(other_at(1, 9)))),
            (us(), Some(tombstone(other_at(1, 9)))),
            (newer_known(), Some(record(at(2, 4)))),
        ],
        "same" => vec![(us(), Some(record(BASE)))],
        "newer" => vec![
            (us(), Some(record(at(2, 4)))),
            (us(), Some(record(at(2, 9)))),
            (newer_known(), Some(record(at(2, 5)))),
        ],
        "own sign-out" => vec![(
            Holder::new(settings(), Some((tombstone(BASE), 1))),
            Some(tombstone(BASE)),
        )],
        "another sign-in" => vec![
            (us(), Some(record(other_at(3, 0)))),
            (us(), Some(record(other_at(9, 9)))),
            (us(), Some(record(other_at(2, 3)))),
        ],
        "another sign-out" => vec![
            (us(), Some(tombstone(other_at(3, 0)))),
            (us(), Some(tombstone(other_at(2, 3)))),
        ],
        other => panic!("there is no {other}"),
    }
}

#[test]
fn the_tables_of_looks_describe_each_combination_exactly_once_and_the_code_agrees() {
    let mut found = Table::with("| there | answer |");
    let mut standings = Table::with("| claim | dead | standing | sends |");
    for there in THERE {
        for claim in CLAIMS {
            for dead in ["no", "yes"] {
                for (mut holder, record) in situations(there) {
                    if record.is_none() && (claim, dead) != ("none", "no") {
                        continue;
                    }
                    // A sign-out cannot be claimed.
                    if there == "own sign-out" && claim.starts_with("own") {
                        continue;
                    }
                    // The claim came before what is known.
                    let read = holder.there.as_ref().map(|(read, _)| read.clone());
                    let known = std::mem::replace(&mut holder.known, read);
                    let claim_is = claim_there(&mut holder, claim);
                    holder.known = known;
                    let record = record.map(|record| with(record, claim_is, dead));
                    let (answer, standing) = found_by(&mut holder, record);
                    found.check(&[there], &[answer]);
                    if let Some(standing) = standing {
                        standings.check(&[claim, dead], &standing);
                    }
                }
            }
        }
    }
    found.is_used();
    standings.is_used();
}

fn with(record: Stored, claim: Option<Claim>, dead: &str) -> Stored {
    let record = match claim {
        Some(claim) => claimed(record, claim),
        None => record,
    };
    Record {
        dead: dead == "yes",
        ..record
    }
}

fn found_by(holder: &mut Us, there: Option<Stored>) -> (String, Option<[String; 2]>) {
    let (known, held) = (holder.known.clone(), holder.held);
    let next = look(holder, NOW, there.clone().map(|record| (record, 7)));
    let (answer, standing) = match next {
        Next::Save { expected, record } => {
            assert_eq!(Some(record), known.map(|it| it.with_write(IDS.write)));
            assert_eq!(expected, there.map(|_| 7));
            return ("what is known is written over it".to_owned(), None);
        }
        Next::Done(Done::Found(Found::Nothing)) => ("Nothing".to_owned(), None),
        Next::Done(Done::Found(Found::SignedOut)) => ("SignedOut".to_owned(), None),
        Next::Done(Done::Found(Found::Fence(record))) => {
            assert_eq!(Some(&record), there.as_ref());
            ("Fence".to_owned(), None)
        }
        Next::Done(Done::Found(Found::Token {
            token,
            position,
            age,
            standing,
            sent,
        })) => {
            let there = there.clone().expect("a token");
            assert_eq!((Some(token), position), (there.token, there.position));
            assert_eq!(sent.reusable, there.reusable);
            let sends = match there.sends - sent.sends {
                0 => "all",
                1 => "one fewer",
                other => panic!("{other} fewer sends"),
            };
            let says = [standing_word(standing), sends.to_owned()];
            (format!("Token, {age:?}"), Some(says))
        }
        next @ (Next::Load | Next::Done(_)) => panic!("{next:?}"),
    };
    assert_eq!(holder.known, there, "it is known now");
    assert_eq!(holder.held, held, "it is not used yet");
    (answer, standing)
}

pub(super) fn standing_word(standing: Standing) -> String {
    if let Standing::Claimed {
        id,
        holder,
        seen_for,
        lost_in,
    } = standing
    {
        assert_eq!((id, &*holder), (THEIR_CLAIM, "them"));
        assert_eq!(seen_for + lost_in, LIMIT + MARGIN);
        return "Claimed".to_owned();
    }
    if let Standing::Ours(id) = standing {
        assert_eq!(id, OWN_CLAIM);
        return "Ours".to_owned();
    }
    format!("{standing:?}")
}
