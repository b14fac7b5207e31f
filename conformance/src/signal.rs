//! Signals between a thread of the server and a future of the client.

use std::future::poll_fn;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

/// A count that only grows, for threads and for any async runtime.
#[derive(Clone, Default)]
pub(crate) struct Signal(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    raised: Condvar,
}

#[derive(Default)]
struct State {
    count: usize,
    wakers: Vec<Waker>,
}

impl Signal {
    pub(crate) fn raise(&self) {
        let wakers = {
            let mut state = self.lock();
            state.count += 1;
            std::mem::take(&mut state.wakers)
        };
        self.0.raised.notify_all();
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Waits until it was raised this many times in total.
    pub(crate) async fn reached(&self, count: usize) {
        poll_fn(|context| {
            let mut state = self.lock();
            if state.count >= count {
                return Poll::Ready(());
            }
            state.wakers.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Blocks this thread until it was raised, but no longer than `patience`.
    pub(crate) fn wait_for(&self, patience: Duration) -> Waited {
        let waiting = |state: &mut State| state.count == 0;
        let state = self.lock();
        let waited = self.0.raised.wait_timeout_while(state, patience, waiting);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match state.count {
            0 => Waited::InVain,
            _ => Waited::Raised,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    Raised,
    InVain,
}
