//! Sends each answer of `docs/answers.md` and `docs/providers.md` over sockets, and checks its
//! class.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use reauth_test_support::over_sockets;
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
