//! Fuzzes the check of origins: no token is sent to a URL whose origin another URL parser reads
//! differently.

#![no_main]

use libfuzzer_sys::fuzz_target;
use reauth_test_support::attached;

fuzz_target!(|bytes: &[u8]| attached::check(bytes));
