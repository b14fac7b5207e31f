//! Fuzzes real sessions in a simulated world: the promises hold for every string of choices. The
//! first byte says how many processes there are.

#![no_main]

use std::sync::Once;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use reauth_simulator::{Choices, Scope, quiet_panics, run, tell};

static QUIET: Once = Once::new();

fuzz_target!(|bytes: &[u8]| {
    QUIET.call_once(quiet_panics);
    let (processes, bytes) = bytes.split_first().unwrap_or((&0, &[]));
    let scope = Scope {
        processes: 1 + processes % 3,
        steps: 200,
        plan: None,
        recording: None,
    };
    if let Some(violation) = run(&scope, Choices::given(bytes.to_vec())).violation {
        let story = tell(
            &scope,
            Choices::given(bytes.to_vec()),
            Duration::from_secs(10),
        );
        panic!("{violation}\n{}", story.lines.join("\n"));
    }
});
