//! Fuzzes the check of origins: no token is sent to a URL whose origin another URL parser reads
//! differently.

#![no_main]

#[path = "../../core/tests/support/attached.rs"]
mod attached;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| attached::check(bytes));
