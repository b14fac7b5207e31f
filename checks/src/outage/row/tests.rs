use std::collections::HashSet;

use super::{Fate, Row, Use, all};
use crate::server::{Processed, Rotation};

fn row(name: &str) -> Row {
    let row = all().find(|row| row.to_string() == name);
    row.unwrap_or_else(|| panic!("there is no row {name:?}"))
}

#[test]
fn each_row_has_a_name_of_its_own() {
    let names: HashSet<_> = all().map(|row| row.to_string()).collect();
    assert_eq!(names.len(), all().count());
}

#[test]
fn under_learn_a_session_ends_only_where_the_server_rotated_and_the_answer_was_lost() {
    for row in all().filter(|row| row.token_use == Use::Learn) {
        let lost = row.processed == Processed::AnswerLost && row.rotation == Rotation::Rotating;
        let fate = if lost { Fate::Ended } else { Fate::Live };
        let wanted = row.wanted();
        assert_eq!(wanted.fate, fate, "{row}");
        assert_eq!(wanted.reuses, u32::from(lost), "{row}");
        assert!(*wanted.calls.end() <= 2, "{row}");
    }
}

#[test]
fn under_single_use_an_unknown_outcome_ends_the_session_after_one_call() {
    for name in [
        "502 / no",
        "503 / no",
        "reset within the head / no",
        "504 / answer lost",
    ] {
        for server in ["rotating", "reusable"] {
            let wanted = row(&format!("{name} / {server} / single-use")).wanted();
            assert_eq!((wanted.fate, wanted.calls), (Fate::Ended, 1..=1), "{name}");
        }
    }
    for name in [
        "503, Retry-After: 1 / no",
        "429 / no",
        "connection refused / no",
    ] {
        let wanted = row(&format!("{name} / rotating / single-use")).wanted();
        assert_eq!((wanted.fate, wanted.reuses), (Fate::Live, 0), "{name}");
    }
}
