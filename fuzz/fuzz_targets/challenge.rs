//! Fuzzes the reading of `WWW-Authenticate`: no panic, and no misread challenge.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| reauth::check_challenge(bytes));
