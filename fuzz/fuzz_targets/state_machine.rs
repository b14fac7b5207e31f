//! Fuzzes the machines in the model: the promises hold for every list of steps.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(broken) = reauth::model::check_bytes(bytes) {
        panic!("{broken}");
    }
});
