//! A gate parks requests at one point of their way until a test lets them go.
//!
//! A route has a [`Passage`]; a test closes it with [`Passage::hold`] and holds the [`Gate`].
//! Between the two, a [`Door`] has the queue. A parked request is one oneshot receiver: when
//! its client disconnects hyper drops it, and the door passes over it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use crate::blocking::block_on;
use crate::shared::lock;

/// How long the blocking waits last before they fail the test.
const PATIENCE: Duration = Duration::from_secs(30);

/// Parks requests until they are let go, from `hold_books` and its like.
///
/// Dropping it opens it for good. Requests that arrive pass the newest gate of their kind;
/// those parked at an older one stay there until that one lets them go.
#[derive(Debug)]
#[must_use = "a gate opens when it is dropped"]
pub struct Gate(Arc<Door>);

impl Gate {
    /// Blocks until `n` requests in all have arrived at this gate, those that left included.
    ///
    /// # Panics
    ///
    /// Panics where fewer have arrived after 30 seconds: a test should fail, not hang.
    pub fn wait_for(&self, n: usize) {
        let arrived = block_on(self.arrived(n), PATIENCE);
        assert!(arrived.is_some(), "{n} requests awaited: {self:?}");
    }

    /// As [`wait_for`](Self::wait_for), on any async runtime, and without its limit.
    ///
    /// Cancel safe: it only looks.
    pub async fn arrived(&self, n: usize) {
        self.0.until(|seen| seen.arrived >= n).await;
    }

    /// Blocks until the clients of `n` parked requests in all have disconnected.
    ///
    /// # Panics
    ///
    /// Panics where fewer have disconnected after 30 seconds.
    pub fn wait_for_disconnects(&self, n: usize) {
        let gone = block_on(self.0.until(|seen| seen.gone >= n), PATIENCE);
        assert!(gone.is_some(), "{n} disconnects awaited: {self:?}");
    }

    /// How many requests are parked now.
    pub fn parked(&self) -> usize {
        let queue = lock(&self.0.queue);
        let waiting = queue.iter().flatten();
        waiting.filter(|turn| !turn.is_closed()).count()
    }

    /// Lets `n` of the parked requests go, the first to arrive first, and returns how many
    /// went: fewer where fewer are parked. The gate stays closed to those that come after.
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

    /// Lets every parked request go, and all that come after.
    pub fn open(self) {
        drop(self);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        // A receiver takes the drop of its sender as its turn.
        drop(lock(&self.0.queue).take());
    }
}

/// The point of a request's way where a gate can be.
#[derive(Default)]
pub(crate) struct Passage(Mutex<Option<Arc<Door>>>);

impl Passage {
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
    /// Those parked, first come first; `None` once open.
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
        // It fails only without a sender, and the door is one.
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
