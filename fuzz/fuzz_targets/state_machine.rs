//! The machines keep the promises on every way that the bytes pick.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(broken) = reauth::model::check_bytes(bytes) {
        panic!("{broken}");
    }
});
