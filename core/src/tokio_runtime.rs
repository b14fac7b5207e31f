//! A runtime over tokio.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{BoxFuture, Runtime, Spawner};

/// A [`Runtime`] over the tokio runtime in which it is used.
///
/// It can be shared among several tokio runtimes: a sleep that is polled in several of them
/// registers a timer in each, so that a refresh can continue in another runtime if the first one
/// has stopped.
#[derive(Clone, Copy, Debug)]
pub struct TokioRuntime {
    started: Instant,
}

impl TokioRuntime {
    /// A runtime whose clock starts now.
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
        Box::pin(Shared {
            until: sleep.deadline(),
            here: Handle::current().id(),
            sleep: Box::pin(sleep),
            elsewhere: Vec::new(),
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

/// A sleep with a timer in each runtime in which it was polled: any of them wakes the waiters.
struct Shared {
    until: Instant,
    here: Id,
    sleep: Pin<Box<Sleep>>,
    elsewhere: Vec<(Id, Pin<Box<Sleep>>)>,
}

impl Shared {
    /// The timer of the current runtime; outside of any runtime, the first one.
    fn sleep(&mut self) -> Pin<&mut Sleep> {
        let Ok(runtime) = Handle::try_current() else {
            return self.sleep.as_mut();
        };
        let id = runtime.id();
        if id == self.here {
            return self.sleep.as_mut();
        }
        let known = self.elsewhere.iter().position(|(other, _)| *other == id);
        let index = known.unwrap_or_else(|| {
            let sleep = Box::pin(sleep_until(self.until));
            self.elsewhere.push((id, sleep));
            self.elsewhere.len() - 1
        });
        self.elsewhere[index].1.as_mut()
    }
}

impl Future for Shared {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.sleep().poll(context)
    }
}
