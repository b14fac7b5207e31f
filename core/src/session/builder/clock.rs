//! The session's time: both clocks of its runtime together.
//!
//! On most systems the monotonic clock stops while the machine sleeps, and the wall clock does
//! not. If the wall clock moves ahead of the other, the difference counts as time that has passed.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::{BoxFuture, Runtime, Spawner};

/// A difference up to this is ignored, because wall clocks are corrected now and then.
pub(super) const TOLERANCE: Duration = Duration::from_secs(5);

pub(super) struct BothClocks {
    runtime: Arc<dyn Runtime>,
    began: (Duration, SystemTime),
    /// How far the wall clock is ahead since the first reading, as last noticed, and how long the
    /// monotonic clock has been stopped in total; in nanoseconds.
    ahead: AtomicI64,
    asleep: AtomicU64,
}

impl BothClocks {
    pub(super) fn new(runtime: Arc<dyn Runtime>) -> Self {
        let began = (runtime.now(), runtime.wall_clock());
        Self {
            runtime,
            began,
            ahead: AtomicI64::new(0),
            asleep: AtomicU64::new(0),
        }
    }

    /// The wall clock has moved alone. If it was set ahead, that counts as time that has passed; if
    /// it was set back, nothing is taken back.
    #[cold]
    fn notice(&self, before: i64, ahead: i64) {
        let (success, failure) = (Ordering::Relaxed, Ordering::Relaxed);
        let noticed = self.ahead.compare_exchange(before, ahead, success, failure);
        // Another thread has counted it.
        if noticed.is_ok()
            && let Ok(slept) = u64::try_from(ahead.saturating_sub(before))
        {
            self.asleep.fetch_add(slept, Ordering::Relaxed);
        }
    }
}

/// In nanoseconds, saturating.
fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

impl Runtime for BothClocks {
    fn now(&self) -> Duration {
        let (now, wall) = (self.runtime.now(), self.runtime.wall_clock());
        let wall = match wall.duration_since(self.began.1) {
            Ok(passed) => nanos(passed),
            Err(before) => -nanos(before.duration()),
        };
        let ahead = wall.saturating_sub(nanos(now.saturating_sub(self.began.0)));
        let before = self.ahead.load(Ordering::Relaxed);
        if ahead.abs_diff(before) > TOLERANCE.as_nanos() as u64 {
            self.notice(before, ahead);
        }
        now.saturating_add(Duration::from_nanos(self.asleep.load(Ordering::Relaxed)))
    }

    fn wall_clock(&self) -> SystemTime {
        self.runtime.wall_clock()
    }

    fn jitter(&self) -> u8 {
        self.runtime.jitter()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        self.runtime.sleep(duration)
    }

    fn spawner(&self) -> Option<&dyn Spawner> {
        self.runtime.spawner()
    }
}

#[cfg(test)]
mod tests;
