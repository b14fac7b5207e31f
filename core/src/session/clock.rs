//! Time as a session counts it: by both clocks of its runtime.
//!
//! On most systems the monotonic clock stands still while the machine sleeps, and the wall clock
//! does not. What the second is ahead counts as time that has passed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::{BoxFuture, Runtime, Spawner};

/// What the clocks may differ by, and say nothing: a wall clock is corrected now and then.
pub(super) const TOLERANCE: Duration = Duration::from_secs(5);

pub(super) struct BothClocks {
    runtime: Arc<dyn Runtime>,
    began: (Duration, SystemTime),
    /// How long the monotonic clock has stood still, in nanoseconds. A wall clock that is set ahead
    /// counts as that, once; set back, it takes nothing back.
    asleep: AtomicU64,
}

impl BothClocks {
    pub(super) fn new(runtime: Arc<dyn Runtime>) -> Self {
        let began = (runtime.now(), runtime.wall_clock());
        Self {
            runtime,
            began,
            asleep: AtomicU64::new(0),
        }
    }

    #[cold]
    fn has_slept(&self, ahead: Duration) -> Duration {
        let nanos = u64::try_from(ahead.as_nanos()).unwrap_or(u64::MAX);
        let before = self.asleep.fetch_max(nanos, Ordering::Relaxed);
        Duration::from_nanos(before.max(nanos))
    }
}

impl Runtime for BothClocks {
    fn now(&self) -> Duration {
        let (now, wall) = (self.runtime.now(), self.runtime.wall_clock());
        let passed = wall.duration_since(self.began.1).unwrap_or_default();
        let ahead = passed.saturating_sub(now.saturating_sub(self.began.0));
        let asleep = Duration::from_nanos(self.asleep.load(Ordering::Relaxed));
        let asleep = match ahead > asleep + TOLERANCE {
            true => self.has_slept(ahead),
            false => asleep,
        };
        now.saturating_add(asleep)
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
