//! A flight: one refresh in progress, as a shared handle.
//!
//! Any holder of a handle can drive the refresh, and dropping a handle changes nothing for the
//! others. It does not know what a refresh does, nor whether its outcome counts.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::Shared;

use crate::runtime::BoxFuture;
use crate::{RefreshError, RefreshErrorKind, Runtime, trace};

/// A handle on a refresh in progress.
///
/// The refresh departs when it is first driven, not when it is made.
#[derive(Clone)]
pub(super) struct Flight {
    landing: Shared<BoxFuture<Outcome>>,
    state: Arc<State>,
    span: trace::Refresh,
}

/// How a flight ended, for the requests that waited for it.
#[derive(Clone)]
pub(super) enum Outcome {
    Refreshed,
    /// The error, and until when the session backs off, if it does.
    Failed(Arc<RefreshError>, Option<Duration>),
    /// The session was signed in or out before the flight landed, or another session was signed
    /// out.
    Overtaken,
    /// Another session that shares the store was signed in.
    SignedIn,
    /// The session is signed out, and so is the store.
    SignedOut,
}

#[derive(Default)]
struct State {
    departed: AtomicBool,
    waiting: AtomicU32,
}

/// The requests that wait for a flight, as the flight itself sees them.
pub(super) struct Waiters(Arc<State>);

/// A request's place among the waiters; dropping it leaves.
pub(super) struct Waiter(Arc<State>);

impl Flight {
    pub(super) fn new<F>(refresh: impl FnOnce(Waiters) -> F) -> Self
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let span = trace::Refresh::new();
        let state = Arc::<State>::default();
        let refresh = refresh(Waiters(Arc::clone(&state)));
        let refresh = span.clone().around(refresh, Outcome::error_type);
        Self {
            landing: (Box::pin(refresh) as BoxFuture<_>).shared(),
            state,
            span,
        }
    }

    /// Spawns a task that drives the refresh, if the runtime spawns tasks.
    pub(super) fn spawn(&self, runtime: &dyn Runtime) {
        if let Some(spawner) = runtime.spawner()
            && !self.state.departed.swap(true, Ordering::Relaxed)
        {
            self.span.departs();
            spawner.spawn(Box::pin(self.landing.clone().map(drop)));
        }
    }

    pub(super) fn has_departed(&self) -> bool {
        self.state.departed.load(Ordering::Relaxed)
    }

    /// How many requests wait for it. 0 once it has landed, even if some have not been woken yet.
    pub(super) fn waiting(&self) -> u32 {
        match self.landing.peek() {
            Some(_) => 0,
            None => self.state.waiting.load(Ordering::Relaxed),
        }
    }

    pub(super) fn add_waiter(&self) -> Waiter {
        self.state.waiting.fetch_add(1, Ordering::Relaxed);
        Waiter(Arc::clone(&self.state))
    }

    /// Drives the refresh until it lands.
    pub(super) async fn landed(self) -> Outcome {
        self.state.departed.store(true, Ordering::Relaxed);
        self.span.departs();
        self.landing.await
    }
}

impl Outcome {
    /// The `error.type` of its span: one of a few words.
    fn error_type(&self) -> Option<&'static str> {
        match self {
            Self::Refreshed => None,
            Self::Failed(error, _) => Some(match error.kind() {
                RefreshErrorKind::Refused => "refused",
                RefreshErrorKind::Misconfigured => "misconfigured",
                RefreshErrorKind::Transient => "transient",
                RefreshErrorKind::Unknown => "unknown",
            }),
            Self::Overtaken | Self::SignedIn => Some("superseded"),
            Self::SignedOut => Some("signed_out"),
        }
    }
}

impl Waiters {
    pub(super) fn count(&self) -> u32 {
        self.0.waiting.load(Ordering::Relaxed)
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
