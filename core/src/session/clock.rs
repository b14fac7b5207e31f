//! Time as a session counts it: by both clocks of its runtime.
//!
//! On most systems the monotonic clock stands still while the machine sleeps, and the wall clock
//! does not. What the second is ahead counts as time that has passed.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::{BoxFuture, Runtime, Spawner};

/// What the clocks may differ by, and say nothing: a wall clock is corrected now and then.
pub(super) const TOLERANCE: Duration = Duration::from_secs(5);

pub(super) struct BothClocks {
    runtime: Arc<dyn Runtime>,
    began: (Duration, SystemTime),
    /// How far the wall clock is ahead of the other since they were looked at first, as it was
    /// noticed last, and how long the other has stood still in all; in nanoseconds.
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

    /// The wall clock has moved alone. Set back, it takes nothing back; set ahead, it counts as
    /// time that has passed.
    #[cold]
    fn notice(&self, before: i64, ahead: i64) {
        let (success, failure) = (Ordering::Relaxed, Ordering::Relaxed);
        let noticed = self.ahead.compare_exchange(before, ahead, success, failure);
        // Whoever was faster has counted it.
        if noticed.is_ok()
            && let Ok(slept) = u64::try_from(ahead.saturating_sub(before))
        {
            self.asleep.fetch_add(slept, Ordering::Relaxed);
        }
    }
}

/// In nanoseconds, signed; what does not fit is as far away as can be said.
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
mod tests {
    use super::*;
    use crate::sync::{Mutex, lock};

    /// Both clocks, in seconds.
    struct Clocks(Mutex<(u64, u64)>);

    impl Runtime for Clocks {
        fn now(&self) -> Duration {
            Duration::from_secs(lock(&self.0).0)
        }

        fn wall_clock(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + Duration::from_secs(lock(&self.0).1)
        }

        fn sleep(&self, _: Duration) -> BoxFuture<()> {
            Box::pin(std::future::pending())
        }
    }

    #[test]
    fn promise_20_a_clock_that_stood_still_is_noticed_whatever_the_wall_clock_did_before() {
        let clocks = Arc::new(Clocks(Mutex::new((0, 100_000))));
        let both = BothClocks::new(clocks.clone());
        // Both pass; it sleeps; the wall clock is set back; it sleeps; a far future and back.
        for (now, wall, expected) in [
            (10, 100_010, 10),
            (20, 100_024, 20),
            (20, 103_624, 3_624),
            (30, 96_000, 3_634),
            (30, 99_600, 7_234),
            (31, 99_601, 7_235),
            (32, u64::MAX / 4, 4_611_686_018_427_294_990),
            (33, 99_603, 4_611_686_018_427_294_991),
        ] {
            *lock(&clocks.0) = (now, wall);
            let counted = both.now().as_secs();
            if expected < 1 << 40 {
                assert_eq!(counted, expected, "{now} {wall}");
            } else {
                assert!(counted > 7_235, "{now} {wall}: {counted}");
            }
        }
        let before = both.now();
        *lock(&clocks.0) = (40, 99_610);
        assert_eq!(both.now() - before, Duration::from_secs(7));
    }
}
