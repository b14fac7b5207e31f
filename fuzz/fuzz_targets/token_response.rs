//! Fuzzes the reading of token responses: no panic, and no token that cannot be sent.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| reauth::model::network::token_response(bytes));
