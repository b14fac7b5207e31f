//! Time and tasks, from whoever has them.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

/// A boxed future, as object-safe traits return it.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Time and tasks. A transport brings one ([`Transport::runtime`]); a test may bring another.
///
/// [`Transport::runtime`]: crate::Transport::runtime
pub trait Runtime: Send + Sync + 'static {
    /// The time since some fixed moment; it never goes back. It may stand still while the machine
    /// sleeps: a session notices by the wall clock.
    fn now(&self) -> Duration;

    /// The time of the wall clock, which may jump. It is read with [`now`](Self::now), and when a
    /// token is taken over from a store or made.
    fn wall_clock(&self) -> SystemTime {
        SystemTime::now()
    }

    /// A number that nobody can tell in advance, drawn once for each token: it puts an early
    /// refresh off by a part of its margin. It is no secret.
    fn jitter(&self) -> u8 {
        use std::hash::{BuildHasher, RandomState};
        RandomState::new().hash_one(0_u8) as u8
    }

    /// Completes after this long.
    fn sleep(&self, duration: Duration) -> BoxFuture<()>;

    /// What runs a task beside the requests; without one there is no early refresh.
    fn spawner(&self) -> Option<&dyn Spawner> {
        None
    }
}

/// Runs tasks beside the requests.
pub trait Spawner: Send + Sync {
    /// Runs it to its end, or until the process ends.
    ///
    /// Dropping it loses nothing but time: what it does, a request can do too.
    fn spawn(&self, task: BoxFuture<()>);
}

/// What came first: the future's output, or `None` for the end of the sleep.
pub(crate) async fn before<T>(
    sleep: &mut BoxFuture<()>,
    future: impl Future<Output = T> + Send,
) -> Option<T> {
    use futures_util::future::{Either, select};
    // The future is polled first: what is ready in time counts.
    match select(pin!(future), sleep).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(((), _)) => None,
    }
}

/// As [`before`] a sleep of this long, which begins where the future is not ready at once: few
/// need a timer.
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

/// As [`before`], where there is a sleep; else the future alone.
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
