//! Whether a wait would be for oneself.
//!
//! A refresher that sends through its own session waits for the flight that waits for it. While
//! a flight is polled its state stands in a list of this thread, so that such a wait is found. What
//! a refresher hands to other tasks is not: that ends at the refresh timeout.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Weak;

use crate::session::token_state::TokenState;
use crate::sync::thread_local;

thread_local! {
    static POLLED: RefCell<Vec<Weak<TokenState>>> = RefCell::default();
}

/// The future, with this state in the list whenever it is polled.
pub(in crate::session) async fn marked<F: Future>(state: Weak<TokenState>, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let _mark = Mark::set(Weak::clone(&state));
        future.as_mut().poll(context)
    })
    .await
}

/// Whether a flight of this state is polled, further up.
pub(in crate::session) fn is_marked(state: &Weak<TokenState>) -> bool {
    POLLED.with(|polled| polled.borrow().iter().any(|marked| marked.ptr_eq(state)))
}

struct Mark;

impl Mark {
    fn set(state: Weak<TokenState>) -> Self {
        POLLED.with(|polled| polled.borrow_mut().push(state));
        Self
    }
}

impl Drop for Mark {
    /// After a panic too.
    fn drop(&mut self) {
        _ = POLLED.with(|polled| polled.borrow_mut().pop());
    }
}
