//! No secret in what the lessons say while everything is logged. Each runs in a process of its
//! own, which is this test once more, with a logger.

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

/// Each lesson as it runs by itself.
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

/// The first tokens of every lesson.
const GIVEN: [&str; 2] = ["an-expired-token", "demo-refresh-token"];

/// The tokens in a text: those given, and what the book API issues, 32 hexadecimal digits in a
/// row and no more.
fn secrets(text: &str) -> Vec<&str> {
    let words = text.split(|letter: char| !letter.is_ascii_hexdigit());
    let issued = words.filter(|word| word.len() == 32);
    let given = GIVEN.into_iter().filter(|given| text.contains(given));
    given.chain(issued).collect()
}

const LESSON: &str = "REAUTH_TEST_LESSON";
const WIRE: &str = "REAUTH_TEST_WIRE";

/// All that a lesson says, to both of its outputs.
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

/// For the test below; by itself it does nothing.
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

/// Over the client whose wire anybody can switch on from outside.
#[cfg(feature = "isahc")]
#[test]
fn the_search_finds_each_token_where_the_clients_wire_is_heard() {
    let said = said("books_isahc", Wire::Heard);
    let found = secrets(&said);
    for given in GIVEN {
        assert!(found.contains(&given), "{given} in {said}");
    }
    assert!(found.len() > GIVEN.len(), "the issued one in {said}");
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
