//! What a token server can answer: no panic, and no token that could not be sent.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| reauth::model::network::token_response(bytes));
