//! Time and tasks, from tokio.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{BoxFuture, Runtime, Spawner};

/// The clock and the tasks of whichever tokio runtime it is used in.
///
/// A sleep belongs to the runtime that polls it last: a refresh that waits in one runtime goes on
/// in another where the first is not driven any more, or has ended.
#[derive(Clone, Copy, Debug)]
pub struct TokioRuntime {
    started: Instant,
}

impl TokioRuntime {
    /// Its clock begins here.
    #[must_use]
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

impl Default for TokioRuntime {
    fn default() -> Self {
        Self::new()
    }
}

impl Runtime for TokioRuntime {
    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        let sleep = tokio::time::sleep(duration);
        Box::pin(Moving {
            until: sleep.deadline(),
            driver: Handle::current().id(),
            sleep: Box::pin(sleep),
        })
    }

    fn spawner(&self) -> Option<&dyn Spawner> {
        Some(self)
    }
}

impl Spawner for TokioRuntime {
    fn spawn(&self, task: BoxFuture<()>) {
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(task);
        }
    }
}

/// A sleep that moves to the runtime in which it is polled.
struct Moving {
    until: Instant,
    driver: Id,
    sleep: Pin<Box<Sleep>>,
}

impl Future for Moving {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // Outside of any runtime it stays with the one that it is in.
        if let Ok(here) = Handle::try_current()
            && here.id() != self.driver
        {
            self.driver = here.id();
            self.sleep = Box::pin(sleep_until(self.until));
        }
        self.sleep.as_mut().poll(context)
    }
}
