//! Who tells of events: in the order in which they happened, and outside every lock.
//!
//! What happens is noted under the lock under which it happens, which gives it its number. It is
//! told once that lock is released; whoever finds somebody telling leaves its own to them.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Counts, Event, EventKind};
use crate::sync::{Mutex, lock};
use crate::{RefreshErrorKind, trace};

pub(in crate::session) type Listener = Box<dyn Fn(&Event) + Send + Sync>;

#[derive(Default)]
pub(in crate::session) struct Dispatcher {
    listeners: Vec<Listener>,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    number: u64,
    counts: Counts,
    undelivered: VecDeque<Event>,
    delivery: Delivery,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Delivery {
    #[default]
    Nobody,
    Somebody,
}

impl Dispatcher {
    pub(in crate::session) fn new(listeners: Vec<Listener>) -> Self {
        Self {
            listeners,
            queue: Mutex::default(),
        }
    }

    /// Queue what happened. To be told with [`tell`](Self::tell), outside of every other lock.
    pub(in crate::session) fn record(&self, kind: EventKind) {
        let mut queue = lock(&self.queue);
        queue.number += 1;
        queue.counts.count(&kind);
        if !self.listeners.is_empty() || trace::logs(&kind) {
            let number = queue.number;
            queue.undelivered.push_back(Event { number, kind });
        }
    }

    /// Counts what is no event.
    pub(in crate::session) fn count(&self, count: impl FnOnce(&mut Counts)) {
        count(&mut lock(&self.queue).counts);
    }

    pub(in crate::session) fn counts(&self) -> Counts {
        lock(&self.queue).counts
    }

    /// Tells what is undelivered, in order.
    pub(in crate::session) fn deliver(&self) {
        if !self.begin() {
            return;
        }
        while let Some(event) = self.next() {
            // A subscriber is the application's, as a listener is, and so is its panic.
            _ = catch_unwind(AssertUnwindSafe(|| trace::log(&event)));
            for listener in &self.listeners {
                _ = catch_unwind(AssertUnwindSafe(|| listener(&event)));
            }
        }
    }

    /// Whether there is anything to tell, and nobody tells it.
    fn begin(&self) -> bool {
        let mut queue = lock(&self.queue);
        if queue.undelivered.is_empty() || queue.delivery == Delivery::Somebody {
            return false;
        }
        queue.delivery = Delivery::Somebody;
        true
    }

    /// The next one; where there is none, telling ends in the same step.
    fn next(&self) -> Option<Event> {
        let mut queue = lock(&self.queue);
        let event = queue.undelivered.pop_front();
        if event.is_none() {
            queue.delivery = Delivery::Nobody;
        }
        event
    }
}

impl Counts {
    fn count(&mut self, kind: &EventKind) {
        match kind {
            EventKind::Refreshed { .. } => self.refreshed += 1,
            EventKind::RefreshFailed { error, .. } => {
                self.failed += 1;
                self.refused += u64::from(error.kind() == RefreshErrorKind::Refused);
            }
            EventKind::Saved => self.saved += 1,
            EventKind::SaveFailed { .. } => self.saves_failed += 1,
            EventKind::Replayed { .. } => self.replayed += 1,
            EventKind::ReplayRefused { .. } => self.replays_refused += 1,
            EventKind::SignedIn { .. }
            | EventKind::SignedOut { .. }
            | EventKind::Revoked
            | EventKind::RevocationFailed { .. } => {}
        }
    }
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatcher").finish_non_exhaustive()
    }
}
