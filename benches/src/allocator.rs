//! The counting allocator of this program.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What all threads requested from the allocator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allocated {
    /// Blocks, and each growth of one.
    pub(crate) times: usize,
    pub(crate) bytes: usize,
}

/// Counts what this closure requests.
pub(crate) fn counted<T>(work: impl FnOnce() -> T) -> (T, Allocated) {
    let region = Region::new(ALLOCATOR);
    let done = work();
    let change = region.change();
    let allocated = Allocated {
        times: change.allocations + change.reallocations,
        bytes: change.bytes_allocated,
    };
    (done, allocated)
}

/// Bytes that are allocated and not freed, by all threads.
pub(crate) fn live() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated.wrapping_sub(stats.bytes_deallocated)
}
