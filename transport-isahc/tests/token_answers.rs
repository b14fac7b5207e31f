//! Sends each answer of `docs/answers.md` and `docs/providers.md` over sockets, and checks its
//! class.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

#[path = "../../core/tests/support/over_sockets.rs"]
mod over_sockets;
#[path = "../../core/tests/support/providers.rs"]
mod providers;
mod support;
#[path = "../../core/tests/support/token_answers.rs"]
mod token_answers;

use support::*;

#[test]
fn promise_11_each_answer_falls_in_the_class_of_its_row_over_sockets() {
    block_on(over_sockets::each_answer_falls_in_the_class_of_its_row(
        transport,
    ));
}

#[test]
fn promise_11_each_answer_of_a_provider_falls_in_its_class_over_sockets() {
    block_on(over_sockets::each_answer_of_a_provider_falls_in_its_class(
        transport,
    ));
}
