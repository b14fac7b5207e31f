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

use super::reentrancy as reentry;
use super::{Brought, Crew, Look, Since, Source};
use crate::machine::{Again, Retries, Sending};
use crate::runtime::BoxFuture;
use crate::session::store_queue::Kept;
use crate::session::token_state::Cell;
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
pub(in crate::session) struct Seat(Arc<Board>);

impl Drop for Seat {
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
    pub(in crate::session) fn new(crew: Arc<Crew>, cell: Weak<Cell>, stale: Generation) -> Self {
        let span = trace::Refresh::new();
        let board = Arc::<Board>::default();
        let flight = guarded(crew, cell, stale, Arc::clone(&board));
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

    pub(in crate::session) fn sit_down(&self) -> Seat {
        self.board.waiting.fetch_add(1, Ordering::Relaxed);
        Seat(Arc::clone(&self.board))
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
    crew: Arc<Crew>,
    cell: Weak<Cell>,
    stale: Generation,
    board: Arc<Board>,
) -> Outcome {
    let since = Since::now(&*crew.runtime);
    let flight = fly(Arc::clone(&crew), Weak::clone(&cell), stale, since, board);
    let flight = reentry::marked(Weak::clone(&cell), flight);
    let caught = AssertUnwindSafe(flight).catch_unwind().await;
    // What the panic said may hold a token.
    let outcome = caught.unwrap_or_else(|_panic| {
        let why = "the refresh panicked";
        let error = match cell.upgrade().is_some_and(|cell| cell.is_in_doubt()) {
            true => RefreshError::unknown(why),
            false => RefreshError::transient(why),
        };
        fail(&crew, &cell, stale, error)
    });
    crew.herald.tell();
    outcome
}

async fn fly(
    crew: Arc<Crew>,
    cell: Weak<Cell>,
    stale: Generation,
    since: Since,
    board: Arc<Board>,
) -> Outcome {
    let awaited = || cell.upgrade().and_then(|cell| cell.awaited(stale));
    // Read here and not at departure: whatever came between is known by now.
    let Some(mut token) = awaited() else {
        return Outcome::Overtaken;
    };
    crew.herald.count(|counts| counts.refreshes += 1);
    let held = Arc::clone(&token);
    let mut deadline = crew.runtime.sleep(crew.call_timeout());
    let mut retries = Retries::new(crew.rules, crew.call_timeout());
    let mut tried = since;
    let brought = loop {
        // Before each try: while it paused, somebody else may have spent the token.
        let base = match crew.look(token, &held, tried, &mut deadline).await {
            Ok(Look::Base(base)) => base,
            Ok(Look::Newer(brought)) => break Ok(brought),
            Err(error) => break Err(error),
        };
        let began = crew.runtime.now();
        if !retries.may_begin(crew.left(since, began)) {
            break Err(RefreshError::transient("there was too little time left"));
        }
        // A fence that has come by now has a token of its own, which is not ours to spend.
        let spends = crew.spends(&base);
        let sending = cell
            .upgrade()
            .map(|cell| cell.send(stale, spends, &base, began));
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
        let error = match crew.ask(&base, &held, call, tried, &mut deadline).await {
            Ok(brought) => break Ok(brought),
            Err(error) => error,
        };
        let (waiting, now) = (board.waiting.load(Ordering::Relaxed), crew.runtime.now());
        let again = cell.upgrade();
        let again = again.map(|cell| cell.answered(stale, &error, spends, waiting, now));
        match crew.pause(
            &mut retries,
            again.unwrap_or(Again::No),
            &error,
            since,
            began,
        ) {
            Some(pause) => pause.await,
            None => break crew.look_again(error, &held, &base, tried).await,
        }
        token = base;
        tried = Since::now(&*crew.runtime);
    };
    match brought {
        Ok(brought) => commit(&crew, &cell, stale, brought).await,
        Err(error) => fail(&crew, &cell, stale, error),
    }
}

fn fail(crew: &Crew, cell: &Weak<Cell>, stale: Generation, error: RefreshError) -> Outcome {
    let (jitter, now) = (crew.runtime.jitter(), crew.runtime.now());
    let cell = cell.upgrade();
    cell.map_or(Outcome::Overtaken, |cell| {
        cell.fail(stale, Arc::new(error), jitter, now)
    })
}

/// Save, publish; whoever waits is woken by the return.
///
/// Where the last session is gone, the token is saved for whoever opens the store next.
async fn commit(crew: &Crew, cell: &Weak<Cell>, stale: Generation, brought: Brought) -> Outcome {
    let Brought {
        token,
        landing,
        source,
    } = brought;
    match source {
        // It came from the store, which is owed nothing.
        Source::Store => {}
        Source::Refresher => {
            if !crew.keeper.refreshed(stale, Kept(Arc::clone(&token))) {
                return Outcome::Overtaken;
            }
            // A save that fails stays owed: the token is good all the same.
            _ = crew.settle().await;
        }
    }
    let now = crew.runtime.now();
    let cell = cell.upgrade();
    cell.map_or(Outcome::Overtaken, |cell| {
        cell.publish(stale, landing, token, now)
    })
}
