//! A tokio runtime on a thread of its own, which others wait on.
//!
//! The thread drives sockets, timers and tasks all the time, whether somebody waits or not.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle, Thread};

use tokio::runtime::{Builder, EnterGuard, Handle};
use tokio::sync::oneshot;
use tokio::task::coop;

#[derive(Debug)]
pub(super) struct RuntimeThread {
    runtime: Handle,
    /// Dropping it ends the thread.
    alive: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl RuntimeThread {
    pub(super) fn start() -> io::Result<Self> {
        let (ready, started) = mpsc::sync_channel(1);
        let (alive, ended) = oneshot::channel();
        let thread = thread::Builder::new().name("reauth-reqwest".to_owned());
        let thread = thread.spawn(move || run(&ready, ended))?;
        let runtime = started.recv().map_err(io::Error::other)??;
        Ok(Self {
            runtime,
            alive: Some(alive),
            thread: Some(thread),
        })
    }

    /// Whatever is polled meanwhile has this runtime's timers.
    pub(super) fn enter(&self) -> EnterGuard<'_> {
        self.runtime.enter()
    }

    /// Runs the future on that thread, and blocks this one until it is ready.
    ///
    /// A future polled here would race with its connection there: the replay would often come
    /// before the connection is back in the pool. And this thread does not wait with tokio's
    /// `block_on`, which panics where it thinks it should not be called.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let mut task = pin!(self.runtime.spawn(future));
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            match task.as_mut().poll(&mut context) {
                Poll::Ready(Ok(output)) => return output,
                Poll::Ready(Err(error)) => resume_unwind(error.into_panic()),
                Poll::Pending => thread::park(),
            }
        }
    }
}

/// The runtime is made, and dropped, where that never happens inside another one.
fn run(ready: &mpsc::SyncSender<io::Result<Handle>>, ended: oneshot::Receiver<Infallible>) {
    match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            _ = ready.send(Ok(runtime.handle().clone()));
            _ = runtime.block_on(ended);
            // A name that is being looked up has no end of its own.
            runtime.shutdown_background();
        }
        Err(error) => _ = ready.send(Err(error)),
    }
}

impl Drop for RuntimeThread {
    fn drop(&mut self) {
        drop(self.alive.take());
        let thread = self.thread.take();
        // A task of its own may hold the last of it.
        let thread = thread.filter(|thread| thread.thread().id() != thread::current().id());
        _ = thread.map(JoinHandle::join);
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// Whether a runtime of tokio polls a task on this thread, so that blocking would stop it.
///
/// A poll has a budget that runs out. A thread that may block, as those of `spawn_blocking`, has
/// none, though it has a handle of the runtime, so `Handle::try_current` cannot tell.
pub(super) fn is_in_a_task() -> bool {
    let mut context = Context::from_waker(Waker::noop());
    let mut spend = || coop::poll_proceed(&mut context).map(|unit| unit.made_progress());
    (0..=u8::MAX).any(|_| spend().is_pending())
}

#[cfg(test)]
mod tests;
