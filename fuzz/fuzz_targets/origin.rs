//! Where a token may go: nowhere that another reader of URLs would call another place.

#![no_main]

#[path = "../../core/tests/support/attached.rs"]
mod attached;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| attached::check(bytes));
