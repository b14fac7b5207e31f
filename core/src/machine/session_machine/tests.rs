//! The table and the diagram are compared with the code, in both directions.

use std::collections::BTreeSet;

use super::*;

const TABLE: &str = include_str!("../../../docs/transitions.md");

const OLD: Generation = Generation::FIRST;
const NEW: Generation = OLD.next();

const STATES: [State; 8] = [
    State::Ready,
    State::FirstAttempt { token: OLD },
    State::Renewing { held: OLD },
    State::Refreshing { stale: OLD },
    State::HeldAttempt { token: OLD },
    State::Readmitting { stale: OLD },
    State::FinalAttempt { token: NEW },
    State::Done,
];

/// Every input, with its name in the table.
fn inputs() -> Vec<(&'static str, Input<&'static str>)> {
    use Input::{RefreshFailed, Refreshed, Replied, Start, StartFinal};
    use Replay::{Allowed, BodyConsumed, MethodExcluded};
    use Verdict::{Answer, Challenge};
    vec![
        ("Start(Usable)", Start(TokenStatus::Usable(OLD))),
        ("Start(Expiring)", Start(TokenStatus::Expiring(OLD))),
        ("Start(Stale)", Start(TokenStatus::Stale(OLD))),
        ("StartFinal", StartFinal(OLD)),
        ("Replied(Answer, Allowed)", Replied(Answer, Allowed, "r")),
        (
            "Replied(Answer, BodyConsumed)",
            Replied(Answer, BodyConsumed, "r"),
        ),
        (
            "Replied(Answer, MethodExcluded)",
            Replied(Answer, MethodExcluded, "r"),
        ),
        (
            "Replied(Challenge, Allowed)",
            Replied(Challenge, Allowed, "r"),
        ),
        (
            "Replied(Challenge, BodyConsumed)",
            Replied(Challenge, BodyConsumed, "r"),
        ),
        (
            "Replied(Challenge, MethodExcluded)",
            Replied(Challenge, MethodExcluded, "r"),
        ),
        ("Refreshed(newer)", Refreshed(NEW)),
        ("Refreshed(the same)", Refreshed(OLD)),
        ("RefreshFailed", RefreshFailed("r")),
    ]
}

fn state_name(state: State) -> &'static str {
    match state {
        State::Ready => "Ready",
        State::FirstAttempt { .. } => "FirstAttempt",
        State::Renewing { .. } => "Renewing",
        State::Refreshing { .. } => "Refreshing",
        State::HeldAttempt { .. } => "HeldAttempt",
        State::Readmitting { .. } => "Readmitting",
        State::FinalAttempt { .. } => "FinalAttempt",
        State::Done => "Done",
    }
}

fn action_name(action: &Action<&str>) -> String {
    match action {
        Action::Send { .. } => "Send".to_owned(),
        Action::Renew { .. } => "Renew".to_owned(),
        Action::Refresh { .. } => "Refresh".to_owned(),
        Action::Finish { reason: None, .. } => "Finish".to_owned(),
        Action::Finish {
            reason: Some(reason),
            ..
        } => format!("Finish({reason:?})"),
        Action::Readmit { .. } => "Readmit".to_owned(),
        Action::FinishAndRefresh { reason, .. } => format!("FinishAndRefresh({reason:?})"),
    }
}

/// `(state, input, next state, action)` of every legal pair.
fn legal() -> BTreeSet<[String; 4]> {
    let mut rows = BTreeSet::new();
    for state in STATES {
        for (name, input) in inputs() {
            if let Ok((next, action)) = state.next(input) {
                rows.insert([
                    state_name(state).to_owned(),
                    name.to_owned(),
                    state_name(next).to_owned(),
                    action_name(&action),
                ]);
            }
        }
    }
    rows
}

#[test]
fn the_table_has_the_rows_of_the_code_and_no_other() {
    let rows: Vec<[String; 4]> = TABLE
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<_> = line.trim_matches(['|', ' ']).split(" | ").collect();
            let cells: [&str; 4] = cells.try_into().expect("four cells");
            cells.map(|cell| cell.trim_matches('`').to_owned())
        })
        .collect();
    let table: BTreeSet<_> = rows.iter().cloned().collect();
    assert_eq!(rows.len(), table.len(), "the table has a row twice");
    assert_eq!(table, legal());
}

#[test]
fn the_diagram_has_the_edges_of_the_code_and_no_other() {
    // An edge covers the rows whose input begins with its label.
    let edges: Vec<[&str; 3]> = TABLE
        .lines()
        .filter(|line| !line.contains("[*]"))
        .filter_map(|line| {
            let (from, rest) = line.trim().split_once(" --> ")?;
            let (to, label) = rest.split_once(": ")?;
            Some([from, to, label.trim_end_matches(')')])
        })
        .collect();
    let covers = |edge: &[&str; 3], row: &[String; 4]| {
        edge[0] == row[0] && edge[1] == row[2] && row[1].starts_with(edge[2])
    };
    let rows = legal();
    for row in &rows {
        assert!(
            edges.iter().any(|edge| covers(edge, row)),
            "no edge: {row:?}"
        );
    }
    for edge in &edges {
        assert!(rows.iter().any(|row| covers(edge, row)), "no row: {edge:?}");
    }
}

#[test]
fn promise_1_every_edge_goes_down_the_list_of_states() {
    let rank = |state| {
        let same = |listed: &State| state_name(*listed) == state_name(state);
        STATES.iter().position(same)
    };
    for state in STATES {
        for (name, input) in inputs() {
            if let Ok((next, _)) = state.next(input) {
                assert!(rank(next) > rank(state), "{state:?} + {name}: {next:?}");
            }
        }
    }
}

#[test]
fn promise_16_a_body_need_come_back_only_where_it_may_be_sent_again() {
    for state in STATES {
        let challenged = Input::Replied(Verdict::Challenge, Replay::Allowed, "r");
        let replays = matches!(
            state.next(challenged),
            Ok((_, Action::Refresh { .. } | Action::Readmit { .. }))
        );
        assert_eq!(SessionMachine { state }.may_replay(), replays, "{state:?}");
    }
}

#[test]
fn an_input_that_is_not_legal_changes_nothing() {
    for state in STATES {
        for (name, input) in inputs() {
            let mut machine = SessionMachine { state };
            if state.next(input).is_err() {
                let refused = machine.handle(input).expect_err("it was refused before");
                assert_eq!(machine.state(), state, "{name}");
                assert_eq!(refused.state, state);
                assert!(name.starts_with(refused.input), "{name}: {refused}");
                let expected = format!("input {} is not legal in state {state:?}", refused.input);
                assert_eq!(refused.to_string(), expected);
            }
        }
    }
}

#[test]
fn promise_4_a_replay_is_signed_with_a_newer_generation() {
    let refreshing = State::Refreshing { stale: NEW };
    for token in [OLD, NEW] {
        assert!(refreshing.next(Input::<()>::Refreshed(token)).is_err());
    }
    let newer = NEW.next();
    let replayed = refreshing.next(Input::<()>::Refreshed(newer));
    let (next, action) = replayed.expect("the token is newer");
    assert_eq!(next, State::FinalAttempt { token: newer });
    assert_eq!(action, Action::Send { token: newer });
}

#[test]
fn promise_12_a_request_whose_token_was_not_renewed_goes_with_the_one_it_held() {
    let renewing = State::Renewing { held: NEW };
    assert!(renewing.next(Input::<()>::Refreshed(OLD)).is_err());
    let (token, newer) = (NEW, NEW.next());
    for (token, then) in [
        (token, State::HeldAttempt { token }),
        (newer, State::FinalAttempt { token: newer }),
    ] {
        let sent = renewing.next(Input::<()>::Refreshed(token));
        let (next, action) = sent.expect("the token is not older");
        assert_eq!(next, then);
        assert_eq!(action, Action::Send { token });
    }
}

#[test]
fn promise_3_where_the_token_that_was_not_renewed_is_refused_a_newer_one_is_asked_for_once() {
    let held = State::HeldAttempt { token: NEW };
    let refused = held.next(Input::Replied(Verdict::Challenge, Replay::Allowed, "401"));
    let (next, action) = refused.expect("a legal input");
    let (stale, refused) = (NEW, "401");
    assert_eq!(next, State::Readmitting { stale });
    assert_eq!(action, Action::Readmit { stale, refused });
    assert!(next.next(Input::<()>::Refreshed(NEW)).is_err());
}

#[test]
fn the_answer_comes_out_as_it_went_in() {
    for state in STATES {
        for (name, input) in inputs() {
            let answer = match state.next(input) {
                Ok((
                    _,
                    Action::Finish { answer, .. }
                    | Action::FinishAndRefresh { answer, .. }
                    | Action::Readmit {
                        refused: answer, ..
                    },
                )) => Some(answer),
                Ok((_, Action::Refresh { refused, .. })) => refused,
                Ok((_, Action::Send { .. } | Action::Renew { .. })) | Err(_) => None,
            };
            assert!(answer.is_none_or(|answer| answer == "r"), "{name}");
        }
    }
}
