//! The clock and the tasks of a session.

use futures_util::FutureExt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

/// A boxed future, as object-safe traits return it.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A clock and, optionally, a spawner. Each transport has one ([`Transport::runtime`]); a test can
/// set another.
///
/// [`Transport::runtime`]: crate::Transport::runtime
pub trait Runtime: Send + Sync + 'static {
    /// The time since some fixed moment. It is monotonic. It may stop while the machine sleeps: the
    /// session notices by the wall clock.
    fn now(&self) -> Duration;

    /// The wall-clock time, which may jump. The default is [`SystemTime::now`].
    fn wall_clock(&self) -> SystemTime {
        SystemTime::now()
    }

    /// A random number, drawn once for each token, which delays an early refresh by a part of its
    /// margin. It need not be secret.
    fn jitter(&self) -> u8 {
        use std::hash::{BuildHasher, RandomState};
        RandomState::new().hash_one(0_u8) as u8
    }

    /// A future that completes after this duration.
    fn sleep(&self, duration: Duration) -> BoxFuture<()>;

    /// Spawns tasks. The default is `None`: the session then has no early refresh.
    fn spawner(&self) -> Option<&dyn Spawner> {
        None
    }
}

/// Spawns tasks.
pub trait Spawner: Send + Sync {
    /// Runs the task in the background.
    ///
    /// Dropping the task is safe: the next request does its work.
    fn spawn(&self, task: BoxFuture<()>);
}

/// Waits for the future or the sleep; `None` if the sleep ended first.
pub(crate) async fn before<T>(
    sleep: &mut BoxFuture<()>,
    future: impl Future<Output = T> + Send,
) -> Option<T> {
    use futures_util::future::{Either, select};
    // The future is polled first: if both are ready, its output counts.
    match select(pin!(future), sleep).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(((), _)) => None,
    }
}

/// Like [`before`], with a sleep that starts only if the future is not ready at once: most need no
/// timer.
pub(crate) async fn within<T>(
    runtime: &dyn Runtime,
    patience: Duration,
    future: impl Future<Output = T> + Send,
) -> Option<T> {
    let mut future = pin!(future);
    let mut sleep = None;
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        let sleep = sleep.get_or_insert_with(|| runtime.sleep(patience));
        sleep.as_mut().poll(context).map(|()| None)
    })
    .await
}

/// Waits for the future, and drives another one meanwhile, for as long as that takes.
pub(crate) async fn beside<F: Future>(
    future: F,
    other: impl Future<Output = ()> + Send,
) -> F::Output {
    let mut future = pin!(future);
    let mut other = pin!(other.fuse());
    poll_fn(|context| {
        _ = other.as_mut().poll(context);
        future.as_mut().poll(context)
    })
    .await
}

/// Polls like [`before`] if there is a sleep, and the future alone otherwise.
pub(crate) fn in_time<F: Future>(
    sleep: &mut Option<BoxFuture<()>>,
    future: Pin<&mut F>,
    context: &mut Context<'_>,
) -> Poll<Option<F::Output>> {
    match (future.poll(context), sleep) {
        (Poll::Ready(output), _) => Poll::Ready(Some(output)),
        (Poll::Pending, Some(sleep)) => sleep.as_mut().poll(context).map(|()| None),
        (Poll::Pending, None) => Poll::Pending,
    }
}
