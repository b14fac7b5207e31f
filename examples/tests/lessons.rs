//! The examples print no secret while everything is logged. Each runs in its own process, which is
//! this test again, with a logger.

#![expect(clippy::unwrap_used, reason = "tests may panic")]
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "the options of `books` are for people"
)]

#[path = "../accounts.rs"]
mod accounts;
#[path = "../blocking.rs"]
mod blocking;
#[path = "../books.rs"]
mod books;
#[cfg(feature = "isahc")]
#[path = "../books_isahc.rs"]
mod books_isahc;
#[path = "../bring_your_own_client.rs"]
mod bring_your_own_client;
#[path = "../events.rs"]
mod events;
#[path = "support/stderr_log.rs"]
mod stderr_log;
#[path = "../streaming.rs"]
mod streaming;
#[path = "../tower.rs"]
mod tower;
#[path = "../upload.rs"]
mod upload;

use std::env;
use std::process::Command;

use stderr_log::Wire;
use tokio::runtime::Runtime;

/// Runs an example.
const LESSONS: &[(&str, fn())] = &[
    ("accounts", || accounts::main().unwrap()),
    ("blocking", || blocking::main().unwrap()),
    ("books", || {
        Runtime::new()
            .unwrap()
            .block_on(books::show_lesson())
            .unwrap();
    }),
    #[cfg(feature = "isahc")]
    ("books_isahc", || books_isahc::main().unwrap()),
    ("bring_your_own_client", || {
        bring_your_own_client::main().unwrap();
    }),
    ("events", || events::main().unwrap()),
    ("streaming", || streaming::main().unwrap()),
    ("tower", || tower::main().unwrap()),
    ("upload", || upload::main().unwrap()),
];

/// The first tokens of every example.
const GIVEN: [&str; 2] = ["an-expired-token", "demo-refresh-token"];

/// Finds the tokens in a text: those given, and those that the book API issues, which are exactly
/// 32 hexadecimal digits.
fn secrets(text: &str) -> Vec<&str> {
    let words = text.split(|letter: char| !letter.is_ascii_hexdigit());
    let issued = words.filter(|word| word.len() == 32);
    let given = GIVEN.into_iter().filter(|given| text.contains(given));
    given.chain(issued).collect()
}

const LESSON: &str = "REAUTH_TEST_LESSON";
const WIRE: &str = "REAUTH_TEST_WIRE";

/// Everything that an example prints, to both outputs.
fn said(lesson: &str, wire: Wire) -> String {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "a_lesson_alone_in_its_process", "--nocapture"]);
    command.env(LESSON, lesson);
    match wire {
        Wire::Heard => command.env(WIRE, "heard"),
        Wire::Silent => command.env_remove(WIRE),
    };
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{lesson}: {said}");
    said
}

/// Used by the test below; alone it does nothing.
#[test]
fn a_lesson_alone_in_its_process() {
    let Ok(asked) = env::var(LESSON) else {
        return;
    };
    stderr_log::begin(env::var_os(WIRE).map_or(Wire::Silent, |_| Wire::Heard));
    let (_, lesson) = LESSONS.iter().find(|(name, _)| *name == asked).unwrap();
    lesson();
}

#[test]
fn promise_19_no_lesson_says_a_secret_while_everything_is_logged() {
    for (lesson, _) in LESSONS {
        let said = said(lesson, Wire::Silent);
        for logged in ["TRACE ", "INFO reauth "] {
            assert!(said.contains(logged), "{lesson} logs {logged}: {said}");
        }
        assert_eq!(secrets(&said), [""; 0], "{lesson}: {said}");
    }
}

/// Uses isahc, whose wire log can be switched on from outside.
#[cfg(feature = "isahc")]
#[test]
fn the_search_finds_each_token_where_the_clients_wire_is_heard() {
    let said = said("books_isahc", Wire::Heard);
    let found = secrets(&said);
    for given in GIVEN {
        assert!(found.contains(&given), "{given} in {said}");
    }
    assert!(found.len() > GIVEN.len(), "no issued token in {said}");
}

#[test]
fn the_search_knows_a_token_from_other_digits() {
    let issued = "0123456789abcdef".repeat(2);
    let text = format!(
        "Bearer an-expired-token, {issued}; {issued}0 {}",
        &issued[1..]
    );
    assert_eq!(secrets(&text), [GIVEN[0], &issued]);
}
