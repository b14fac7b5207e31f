//! A clock and timers that need no executor.

use std::time::{Duration, Instant};

use async_io::Timer;
use reauth::{BoxFuture, Runtime};

/// A clock whose timers work under any executor, and under none.
///
/// It cannot spawn tasks, so a session over it refreshes only when a request needs a token, and not
/// early. Set another one with [`SessionBuilder::runtime`](reauth::SessionBuilder::runtime).
#[derive(Clone, Copy, Debug)]
pub struct TimerRuntime {
    started: Instant,
}

impl TimerRuntime {
    /// Creates a runtime whose clock starts at zero.
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
