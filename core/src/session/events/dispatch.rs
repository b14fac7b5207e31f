//! Delivers events to listeners and to the log: in the order in which they happened, and outside
//! every lock.
//!
//! An event is recorded under the lock under which it happens, which gives it its number, and
//! delivered after that lock is released. One thread delivers at a time; it also delivers what
//! other threads record meanwhile.

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
    Idle,
    Running,
}

impl Dispatcher {
    pub(in crate::session) fn new(listeners: Vec<Listener>) -> Self {
        Self {
            listeners,
            queue: Mutex::default(),
        }
    }

    /// Records an event. Call [`deliver`](Self::deliver) after every lock is released.
    pub(in crate::session) fn record(&self, kind: EventKind) {
        let mut queue = lock(&self.queue);
        queue.number += 1;
        queue.counts.count(&kind);
        if !self.listeners.is_empty() || trace::logs(&kind) {
            let number = queue.number;
            queue.undelivered.push_back(Event { number, kind });
        }
    }

    /// Changes a counter that no event stands for.
    pub(in crate::session) fn count(&self, count: impl FnOnce(&mut Counts)) {
        count(&mut lock(&self.queue).counts);
    }

    pub(in crate::session) fn counts(&self) -> Counts {
        lock(&self.queue).counts
    }

    /// Delivers the recorded events, in order.
    pub(in crate::session) fn deliver(&self) {
        if !self.begin() {
            return;
        }
        while let Some(event) = self.next() {
            // Subscribers and listeners are the application's, and so are their panics.
            _ = catch_unwind(AssertUnwindSafe(|| trace::log(&event)));
            for listener in &self.listeners {
                _ = catch_unwind(AssertUnwindSafe(|| listener(&event)));
            }
        }
    }

    /// Whether there is something to deliver, and no other thread does.
    fn begin(&self) -> bool {
        let mut queue = lock(&self.queue);
        if queue.undelivered.is_empty() || queue.delivery == Delivery::Running {
            return false;
        }
        queue.delivery = Delivery::Running;
        true
    }

    /// The next event. If there is none, delivery ends in the same step.
    fn next(&self) -> Option<Event> {
        let mut queue = lock(&self.queue);
        let event = queue.undelivered.pop_front();
        if event.is_none() {
            queue.delivery = Delivery::Idle;
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
            EventKind::Adopted { .. } => self.adopted += 1,
            EventKind::Saved => self.saved += 1,
            EventKind::SaveFailed { .. } => self.saves_failed += 1,
            EventKind::Replayed { .. } => self.replayed += 1,
            EventKind::ReplayRefused { .. } => self.replays_refused += 1,
            EventKind::SignedIn { .. }
            | EventKind::SignedOut { .. }
            | EventKind::SignedInElsewhere { .. }
            | EventKind::SignedOutElsewhere { .. }
            | EventKind::ClaimedElsewhere { .. }
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
