//! Gates, which park requests at a chosen point until a test releases them.
//!
//! A route has a [`GatePoint`]. A test closes it with [`GatePoint::hold`] and gets the [`Gate`].
//! The [`Door`] between them has the queue. A parked request waits on a oneshot receiver, which
//! hyper drops if the client disconnects; the door then skips it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use crate::blocking::block_on;
use crate::shared::lock;

/// How long a blocking wait lasts before it fails the test.
const PATIENCE: Duration = Duration::from_secs(30);

/// Parks requests until a test releases them; made by `hold_books` and similar methods.
///
/// Dropping it opens it for good. New requests stop at the newest gate of their kind; those parked
/// at an older gate wait for that one.
#[derive(Debug)]
#[must_use = "a gate opens when it is dropped"]
pub struct Gate(Arc<Door>);

impl Gate {
    /// Blocks until `n` requests in total have arrived, including those that left.
    ///
    /// # Panics
    ///
    /// If fewer have arrived after 30 seconds, so that a test fails instead of hanging.
    pub fn wait_for(&self, n: usize) {
        let arrived = block_on(self.arrived(n), PATIENCE);
        assert!(arrived.is_some(), "fewer than {n} requests: {self:?}");
    }

    /// Waits as [`wait_for`](Self::wait_for) does, on any async runtime and without a limit.
    ///
    /// Cancel safe: it changes nothing.
    pub async fn arrived(&self, n: usize) {
        self.0.until(|seen| seen.arrived >= n).await;
    }

    /// Blocks until the clients of `n` parked requests in total have disconnected.
    ///
    /// # Panics
    ///
    /// If fewer have disconnected after 30 seconds.
    pub fn wait_for_disconnects(&self, n: usize) {
        let gone = block_on(self.0.until(|seen| seen.gone >= n), PATIENCE);
        assert!(gone.is_some(), "fewer than {n} disconnects: {self:?}");
    }

    /// Returns how many requests are parked now.
    pub fn parked(&self) -> usize {
        let queue = lock(&self.0.queue);
        let waiting = queue.iter().flatten();
        waiting.filter(|turn| !turn.is_closed()).count()
    }

    /// Releases up to `n` parked requests, in order of arrival, and returns how many it released.
    /// The gate stays closed for later requests.
    pub fn release(&self, n: usize) -> usize {
        let mut queue = lock(&self.0.queue);
        let Some(queue) = queue.as_mut() else {
            return 0;
        };
        let mut released = 0;
        while released < n {
            let Some(turn) = queue.pop_front() else {
                break;
            };
            released += usize::from(turn.send(()).is_ok());
        }
        released
    }

    /// Releases every parked request, and lets all later ones pass.
    pub fn open(self) {
        drop(self);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        // Dropping a sender releases its receiver.
        drop(lock(&self.0.queue).take());
    }
}

/// The point of a route where a gate can be.
#[derive(Default)]
pub(crate) struct GatePoint(Mutex<Option<Arc<Door>>>);

impl GatePoint {
    pub(crate) fn hold(&self) -> Gate {
        let door = Arc::new(Door {
            queue: Mutex::new(Some(VecDeque::new())),
            seen: watch::Sender::default(),
        });
        *lock(&self.0) = Some(Arc::clone(&door));
        Gate(door)
    }

    pub(crate) async fn pass(&self) {
        let door = lock(&self.0).clone();
        if let Some(door) = door {
            door.pass().await;
        }
    }
}

#[derive(Debug)]
struct Door {
    /// The parked requests in order of arrival; `None` once open.
    queue: Mutex<Option<VecDeque<oneshot::Sender<()>>>>,
    seen: watch::Sender<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    arrived: usize,
    gone: usize,
}

impl Door {
    async fn pass(&self) {
        if let Some(mut parked) = self.park() {
            _ = (&mut parked.turn).await;
        }
    }

    fn park(&self) -> Option<Parked<'_>> {
        let (release, turn) = oneshot::channel();
        lock(&self.queue).as_mut()?.push_back(release);
        self.seen.send_modify(|seen| seen.arrived += 1);
        Some(Parked { door: self, turn })
    }

    async fn until(&self, reached: impl FnMut(&Seen) -> bool) {
        // This fails only if there is no sender, and the door has one.
        _ = self.seen.subscribe().wait_for(reached).await;
    }
}

struct Parked<'a> {
    door: &'a Door,
    turn: oneshot::Receiver<()>,
}

impl Drop for Parked<'_> {
    fn drop(&mut self) {
        if !self.turn.is_terminated() {
            self.turn.close();
            self.door.seen.send_modify(|seen| seen.gone += 1);
        }
    }
}
