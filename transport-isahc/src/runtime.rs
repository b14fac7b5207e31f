//! Time, without an executor.

use std::time::{Duration, Instant};

use async_io::Timer;
use reauth::{BoxFuture, Runtime};

/// A clock whose timers work under any executor, and under none.
///
/// It has no tasks, so a session over it refreshes when a request needs it, and not early.
/// [`SessionBuilder::runtime`](reauth::SessionBuilder::runtime) takes another.
#[derive(Clone, Copy, Debug)]
pub struct TimerRuntime {
    started: Instant,
}

impl TimerRuntime {
    /// Its clock begins here.
    #[must_use]
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

impl Default for TimerRuntime {
    fn default() -> Self {
        Self::new()
    }
}

impl Runtime for TimerRuntime {
    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        let timer = Timer::after(duration);
        Box::pin(async move {
            timer.await;
        })
    }
}
