//! What a resource server can say about a token: no panic, and nothing misunderstood.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| reauth::check_challenge(bytes));
