//! A tokio runtime on its own thread, which other threads wait for.
//!
//! The thread drives sockets, timers and tasks at all times, even if no call is waiting.

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
    /// Dropping the sender ends the thread.
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

    /// Enters the runtime, so that anything polled under the guard can use its timers.
    pub(super) fn enter(&self) -> EnterGuard<'_> {
        self.runtime.enter()
    }

    /// Runs the future on the runtime's thread, and blocks this thread until it is ready.
    ///
    /// A future polled on this thread would race with its connection on the other: the replay would
    /// often start before the connection is back in the pool. tokio's `block_on` is not used,
    /// because it panics on threads that it considers async.
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

/// Creates and drops the runtime on its own thread, which is never inside another runtime.
fn run(ready: &mpsc::SyncSender<io::Result<Handle>>, ended: oneshot::Receiver<Infallible>) {
    match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            _ = ready.send(Ok(runtime.handle().clone()));
            _ = runtime.block_on(ended);
            // A name lookup in progress has no timeout.
            runtime.shutdown_background();
        }
        Err(error) => _ = ready.send(Err(error)),
    }
}

impl Drop for RuntimeThread {
    fn drop(&mut self) {
        drop(self.alive.take());
        let thread = self.thread.take();
        // The last handle may be dropped by a task of this runtime.
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

/// Whether a tokio runtime is polling a task on this thread, so that blocking would stop it.
///
/// A polled task has a limited coop budget. A thread that may block, such as one of
/// `spawn_blocking`, has none; it does have a runtime handle, so `Handle::try_current` cannot
/// tell the two apart.
pub(super) fn is_in_a_task() -> bool {
    let mut context = Context::from_waker(Waker::noop());
    let mut spend = || coop::poll_proceed(&mut context).map(|unit| unit.made_progress());
    (0..=u8::MAX).any(|_| spend().is_pending())
}

#[cfg(test)]
mod tests;
