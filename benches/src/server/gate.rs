//! A barrier that lets its waiters pass when a given number has arrived.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

/// Opens with the last of them, and stays open.
#[derive(Debug)]
pub(crate) struct Gate {
    size: usize,
    come: AtomicUsize,
    open: Semaphore,
}

impl Gate {
    pub(crate) fn new(size: usize) -> Self {
        Self {
            size,
            come: AtomicUsize::new(0),
            open: Semaphore::new(0),
        }
    }

    /// Waits for the others. Returns its number among the first ones; `None` if it is open already.
    pub(crate) async fn pass(&self) -> Option<usize> {
        let place = self.come.fetch_add(1, Ordering::SeqCst);
        if place >= self.size {
            return None;
        }
        if place + 1 == self.size {
            self.open.close();
        }
        // A closed semaphore is open: it gives no permits.
        _ = self.open.acquire().await;
        Some(place)
    }
}
