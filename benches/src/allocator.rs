//! The allocator of this program: it counts.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What was asked of the allocator, by all threads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allocated {
    /// Blocks, and each growth of one.
    pub(crate) times: usize,
    pub(crate) bytes: usize,
}

/// Counts while this is done.
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

/// Bytes that were asked for and not given back, by all threads.
pub(crate) fn live() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated.wrapping_sub(stats.bytes_deallocated)
}
