//! A gate behind which so many wait until all of them are there.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

/// Opens with the last of so many, and does not shut again.
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

    /// Waits for the others. The place among those it was built for; none where it is open.
    pub(crate) async fn pass(&self) -> Option<usize> {
        let place = self.come.fetch_add(1, Ordering::SeqCst);
        if place >= self.size {
            return None;
        }
        if place + 1 == self.size {
            self.open.close();
        }
        // Closed is open: it gives no permits.
        _ = self.open.acquire().await;
        Some(place)
    }
}
