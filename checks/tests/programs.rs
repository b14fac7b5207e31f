//! Runs the programs as a user does.

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_reauth-checks");
    let output = Command::new(program).args(arguments).output();
    output.expect("the program was built with this test")
}

/// The lines of the table without its heading.
fn rows(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().skip(1).map(str::to_owned).collect()
}

fn outage(only: &str) {
    let output = run(&["outage", "--quick", "--sessions", "5", "--only", only]);
    let rows = rows(&output);
    assert!(output.status.success(), "{rows:#?}");
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row.ends_with("  ok")), "{rows:#?}");
}

#[test]
fn promise_9_no_session_ends_where_nothing_was_processed() {
    outage("429");
}

#[test]
fn promise_9_one_502_ends_no_session_that_can_be_saved() {
    outage("502");
}

#[test]
fn promise_27_a_refresh_survives_the_end_of_an_idle_connection() {
    let output = run(&["idle", "--sessions", "10", "--rounds", "2"]);
    let rows = rows(&output);
    assert!(output.status.success(), "{rows:#?}");
}

#[test]
fn an_unknown_row_is_a_wrong_option() {
    let output = run(&["outage", "--only", "no such row"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        error.contains("502 / answer lost / rotating / learn"),
        "{error}"
    );
}

#[test]
fn the_explorer_finds_no_broken_promise_with_one_request() {
    let output = run(&["explore", "--requests", "1", "--setup", "0"]);
    let rows = rows(&output);
    assert!(output.status.success(), "{rows:#?}");
    assert_eq!(rows.len(), 1, "{rows:#?}");
}

#[test]
fn a_setup_that_cannot_be_explored_is_a_wrong_option() {
    let timed = run(&["explore", "--setup", "4"]);
    assert_eq!(timed.status.code(), Some(2));
}
