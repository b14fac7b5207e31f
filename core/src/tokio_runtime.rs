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
/// A sleep is one of each runtime in which it is polled: a refresh that waits in one runtime goes
/// on in another where the first is not driven any more, or has ended.
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

/// A sleep in each runtime in which it was polled: whichever is driven wakes those who wait.
struct Shared {
    until: Instant,
    here: Id,
    sleep: Pin<Box<Sleep>>,
    elsewhere: Vec<(Id, Pin<Box<Sleep>>)>,
}

impl Shared {
    /// That of the runtime in which this is polled; outside of any, the first.
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
