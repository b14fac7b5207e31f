//! Waiting for a change.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::{MemoryStore, Version};

/// Those who wait for a change.
#[derive(Debug, Default)]
pub(super) struct Waiting(Vec<(Arc<()>, Waker)>);

impl Waiting {
    pub(super) fn wake(self) {
        for (_, waker) in self.0 {
            waker.wake();
        }
    }

    /// Adds or replaces the waker of this place. Returns the old one, to be dropped outside the lock:
    /// that may run code of the task.
    fn set(&mut self, place: &Arc<()>, waker: Waker) -> Option<Waker> {
        let old = self.remove(place);
        self.0.push((Arc::clone(place), waker));
        old
    }

    fn remove(&mut self, place: &Arc<()>) -> Option<Waker> {
        let at = self.0.iter().position(|(it, _)| Arc::ptr_eq(it, place))?;
        Some(self.0.swap_remove(at).1)
    }
}

/// Completes when the store has another version. Dropping it leaves nothing behind.
pub(super) struct Changed<'a> {
    store: &'a MemoryStore,
    version: Option<&'a Version>,
    place: Arc<()>,
}

impl<'a> Changed<'a> {
    pub(super) fn of(store: &'a MemoryStore, version: Option<&'a Version>) -> Self {
        Self {
            store,
            version,
            place: Arc::default(),
        }
    }
}

impl Future for Changed<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let waker = context.waker().clone();
        let mut kept = self.store.kept();
        // Checked under the lock of a save, so that none comes between this and the registration.
        if kept.version() != self.version {
            return Poll::Ready(());
        }
        let old = kept.waiting.set(&self.place, waker);
        drop(kept);
        drop(old);
        Poll::Pending
    }
}

impl Drop for Changed<'_> {
    fn drop(&mut self) {
        let waker = self.store.kept().waiting.remove(&self.place);
        drop(waker);
    }
}
