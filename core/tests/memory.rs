//! What a session leaves behind, counted by the allocator. The only test in its process.

#![allow(
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "tests may panic"
)]

mod support;

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use support::*;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn live_bytes() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

#[test]
fn promise_7_a_million_cancelled_requests_leave_nothing_behind() {
    let scene = Scene::new();
    let mut leader = scene.call();
    assert!(poll(&mut leader).is_pending());
    let leave = |times: usize| {
        for _ in 0..times {
            let mut call = scene.call();
            assert!(poll(&mut call).is_pending());
        }
        live_bytes()
    };
    let few = leave(1_000);
    let many = leave(1_000_000);
    assert!(
        many <= few + 1024,
        "{few} bytes after 1,000, {many} after a million"
    );

    scene.wire.accept("a2");
    scene.desk.will_grant("a2", "r2");
    assert_eq!(now(leader).unwrap().status(), 200);
}
