//! Detects a refresher that waits for itself.
//!
//! A refresher that sends a request through the session it serves would wait for the flight that
//! waits for it. While a flight is polled, the key of its session is in a list of this thread, so
//! such a wait is an error instead. A refresher that sends from another task is not detected; that
//! wait ends at the refresh timeout.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;

use crate::sync::thread_local;

/// Tells one session from another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::session) struct Key(usize);

thread_local! {
    static POLLED: RefCell<Vec<Key>> = RefCell::default();
}

impl Key {
    /// The key of the session whose state is here. The flight keeps the allocation alive.
    pub(in crate::session) fn new<T>(state: *const T) -> Self {
        Self(state.addr())
    }

    /// Whether a flight of this session is being polled on this thread.
    pub(in crate::session) fn is_polled(self) -> bool {
        POLLED.with(|polled| polled.borrow().contains(&self))
    }
}

/// Runs a future with this key in the list while it is polled.
pub(in crate::session) async fn marked<F: Future>(key: Key, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let _mark = Mark::set(key);
        future.as_mut().poll(context)
    })
    .await
}

struct Mark;

impl Mark {
    fn set(key: Key) -> Self {
        POLLED.with(|polled| polled.borrow_mut().push(key));
        Self
    }
}

impl Drop for Mark {
    /// Also runs after a panic.
    fn drop(&mut self) {
        _ = POLLED.with(|polled| polled.borrow_mut().pop());
    }
}
