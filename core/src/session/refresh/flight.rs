//! One refresh, from its departure to its landing.
//!
//! It decides in which order a refresh is committed: adopt, save, publish, wake. It never knows
//! who waits for it; dropping a request changes nothing for the others.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::Shared;

use super::reentrancy;
use super::{Look, NewToken, RefreshContext, Since, Source};
use crate::machine::{Again, Retries, Sending};
use crate::runtime::BoxFuture;
use crate::session::store_queue::TokenPair;
use crate::session::token_state::TokenState;
use crate::{Generation, RefreshError, RefreshErrorKind, Runtime, trace};

/// A handle on a refresh in progress; whoever holds one can drive it.
///
/// It departs when it is first driven, so not before its first passenger is ready.
#[derive(Clone)]
pub(in crate::session) struct Flight {
    landing: Shared<BoxFuture<Outcome>>,
    board: Arc<Board>,
    span: trace::Refresh,
}

/// What is seen of a flight from outside.
#[derive(Default)]
struct Board {
    departed: AtomicBool,
    waiting: AtomicU32,
}

/// A place among those who wait for a flight: free once this is dropped, however that comes.
pub(in crate::session) struct Waiter(Arc<Board>);

impl Drop for Waiter {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How a flight ended, for those who waited.
#[derive(Clone)]
pub(in crate::session) enum Outcome {
    Refreshed,
    /// And until when the session rests, if it does.
    Failed(Arc<RefreshError>, Option<Duration>),
    /// A sign-in or sign-out came before it.
    Overtaken,
}

impl Flight {
    pub(in crate::session) fn new(
        context: Arc<RefreshContext>,
        state: Weak<TokenState>,
        stale: Generation,
    ) -> Self {
        let span = trace::Refresh::new();
        let board = Arc::<Board>::default();
        let flight = guarded(context, state, stale, Arc::clone(&board));
        let flight = span.clone().around(flight, Outcome::error_type);
        Self {
            landing: (Box::pin(flight) as BoxFuture<_>).shared(),
            board,
            span,
        }
    }

    /// Has it driven even if nobody waits, where there is a spawner.
    pub(in crate::session) fn spawn(&self, runtime: &dyn Runtime) {
        if let Some(spawner) = runtime.spawner()
            && !self.board.departed.swap(true, Ordering::Relaxed)
        {
            self.span.departs();
            spawner.spawn(Box::pin(self.landing.clone().map(drop)));
        }
    }

    pub(in crate::session) fn has_departed(&self) -> bool {
        self.board.departed.load(Ordering::Relaxed)
    }

    /// None for one that has landed, though not all who waited were told yet.
    pub(in crate::session) fn waiting(&self) -> u32 {
        match self.landing.peek() {
            Some(_) => 0,
            None => self.board.waiting.load(Ordering::Relaxed),
        }
    }

    pub(in crate::session) fn sit_down(&self) -> Waiter {
        self.board.waiting.fetch_add(1, Ordering::Relaxed);
        Waiter(Arc::clone(&self.board))
    }

    /// Drives it to its landing.
    pub(in crate::session) async fn landed(self) -> Outcome {
        self.board.departed.store(true, Ordering::Relaxed);
        self.span.departs();
        self.landing.await
    }
}

impl Outcome {
    /// What its span says of it: one of few words.
    fn error_type(&self) -> Option<&'static str> {
        match self {
            Self::Refreshed => None,
            Self::Failed(error, _) => Some(match error.kind() {
                RefreshErrorKind::Refused => "refused",
                RefreshErrorKind::Misconfigured => "misconfigured",
                RefreshErrorKind::Transient => "transient",
                RefreshErrorKind::Unknown => "unknown",
            }),
            Self::Overtaken => Some("superseded"),
        }
    }
}

/// A flight that panics lands all the same, or everybody would wait for it for ever.
async fn guarded(
    context: Arc<RefreshContext>,
    state: Weak<TokenState>,
    stale: Generation,
    board: Arc<Board>,
) -> Outcome {
    let since = Since::now(&*context.runtime);
    let flight = fly(
        Arc::clone(&context),
        Weak::clone(&state),
        stale,
        since,
        board,
    );
    let flight = reentrancy::marked(Weak::clone(&state), flight);
    let caught = AssertUnwindSafe(flight).catch_unwind().await;
    // What the panic said may hold a token.
    let outcome = caught.unwrap_or_else(|_panic| {
        let why = "the refresh panicked";
        let error = match state.upgrade().is_some_and(|state| state.is_in_doubt()) {
            true => RefreshError::unknown(why),
            false => RefreshError::transient(why),
        };
        fail(&context, &state, stale, error)
    });
    context.events.deliver();
    outcome
}

async fn fly(
    context: Arc<RefreshContext>,
    state: Weak<TokenState>,
    stale: Generation,
    since: Since,
    board: Arc<Board>,
) -> Outcome {
    let awaited = || state.upgrade().and_then(|state| state.awaited(stale));
    // Read here and not at departure: whatever came between is known by now.
    let Some(mut token) = awaited() else {
        return Outcome::Overtaken;
    };
    context.events.count(|counts| counts.refreshes += 1);
    let held = Arc::clone(&token);
    let mut deadline = context.runtime.sleep(context.call_timeout());
    let mut retries = Retries::new(context.rules, context.call_timeout());
    let mut tried = since;
    let new = loop {
        // Before each try: while it paused, somebody else may have spent the token.
        let base = match context.look(token, &held, tried, &mut deadline).await {
            Ok(Look::Base(base)) => base,
            Ok(Look::Newer(new)) => break Ok(new),
            Err(error) => break Err(error),
        };
        let began = context.runtime.now();
        if !retries.may_begin(context.left(since, began)) {
            break Err(RefreshError::transient("there was too little time left"));
        }
        // A fence that has come by now has a token of its own, which is not ours to spend.
        let spends = context.spends(&base);
        let sending = state
            .upgrade()
            .map(|state| state.send(stale, spends, &base, began));
        let connection = match sending {
            Some(Sending::Over(connection)) => connection,
            Some(Sending::Spent) => {
                break Err(RefreshError::unknown(
                    "the refresh token may not be sent again",
                ));
            }
            Some(Sending::Overtaken) | None => return Outcome::Overtaken,
        };
        let call = (spends, connection);
        let error = match context.ask(&base, &held, call, tried, &mut deadline).await {
            Ok(new) => break Ok(new),
            Err(error) => error,
        };
        let (waiting, now) = (board.waiting.load(Ordering::Relaxed), context.runtime.now());
        let again = state.upgrade();
        let again = again.map(|state| state.answered(stale, &error, spends, waiting, now));
        match context.pause(
            &mut retries,
            again.unwrap_or(Again::No),
            &error,
            since,
            began,
        ) {
            Some(pause) => pause.await,
            None => break context.look_again(error, &held, &base, tried).await,
        }
        token = base;
        tried = Since::now(&*context.runtime);
    };
    match new {
        Ok(new) => commit(&context, &state, stale, new).await,
        Err(error) => fail(&context, &state, stale, error),
    }
}

fn fail(
    context: &RefreshContext,
    state: &Weak<TokenState>,
    stale: Generation,
    error: RefreshError,
) -> Outcome {
    let (jitter, now) = (context.runtime.jitter(), context.runtime.now());
    let state = state.upgrade();
    state.map_or(Outcome::Overtaken, |state| {
        state.fail(stale, Arc::new(error), jitter, now)
    })
}

/// Save, publish; whoever waits is woken by the return.
///
/// Where the last session is gone, the token is saved for whoever opens the store next.
async fn commit(
    context: &RefreshContext,
    state: &Weak<TokenState>,
    stale: Generation,
    new: NewToken,
) -> Outcome {
    let NewToken {
        token,
        landing,
        source,
    } = new;
    match source {
        // It came from the store, which is pending nothing.
        Source::Store => {}
        Source::Refresher => {
            if !context
                .store
                .refreshed(stale, TokenPair(Arc::clone(&token)))
            {
                return Outcome::Overtaken;
            }
            // A save that fails stays pending: the token is good all the same.
            _ = context.flush().await;
        }
    }
    let now = context.runtime.now();
    let state = state.upgrade();
    state.map_or(Outcome::Overtaken, |state| {
        state.publish(stale, landing, token, now)
    })
}
