//! One refresh, from its departure to its landing.
//!
//! It decides in which order a refresh is committed: adopt, save, publish, wake. It never knows
//! who waits for it; dropping a request changes nothing for the others.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use futures_util::future::Shared;

use super::cell::Cell;
use super::keeper::{Keeper, Word};
use crate::machine::{Landing, RefreshToken};
use crate::runtime::{BoxFuture, before};
use crate::store::StoreError;
use crate::{Generation, RefreshError, Runtime, Token, TokenRefresher, TokenResponse};

/// A fifth of the refresh timeout is for the save, the rest for the call.
const SAVE_SHARE: u32 = 5;

/// A handle on a refresh in progress; whoever holds one can drive it.
///
/// It departs when it is first driven, so not before its first passenger is ready.
#[derive(Clone)]
pub(super) struct Flight {
    landing: Shared<BoxFuture<Outcome>>,
    departed: Arc<AtomicBool>,
}

/// How a flight ended, for those who waited.
#[derive(Clone)]
pub(super) enum Outcome {
    Refreshed,
    /// And until when the session rests, if it does.
    Failed(Arc<RefreshError>, Option<Duration>),
    /// A sign-in or sign-out came before it.
    Overtaken,
}

/// What a flight needs: it holds no session, which holds it.
pub(super) struct Crew {
    pub(super) refresher: Arc<dyn TokenRefresher>,
    pub(super) keeper: Keeper,
    pub(super) runtime: Arc<dyn Runtime>,
    pub(super) refresh_timeout: Duration,
}

impl Flight {
    pub(super) fn new(crew: Arc<Crew>, cell: Weak<Cell>, stale: Generation) -> Self {
        Self {
            landing: (Box::pin(guarded(crew, cell, stale)) as BoxFuture<_>).shared(),
            departed: Arc::default(),
        }
    }

    /// Has it driven even if nobody waits, where there is a spawner.
    pub(super) fn spawn(&self, runtime: &dyn Runtime) {
        if let Some(spawner) = runtime.spawner()
            && !self.departed.swap(true, Ordering::Relaxed)
        {
            spawner.spawn(Box::pin(self.landing.clone().map(drop)));
        }
    }

    pub(super) fn has_departed(&self) -> bool {
        self.departed.load(Ordering::Relaxed)
    }

    /// Drives it to its landing.
    pub(super) async fn landed(self) -> Outcome {
        self.departed.store(true, Ordering::Relaxed);
        self.landing.await
    }
}

/// The moment before a token is asked for: its lifetime is counted from there.
#[derive(Clone, Copy)]
struct Since {
    now: Duration,
    wall_clock: SystemTime,
}

/// A token that a flight brought, and what the coordinator is told of it.
struct Brought {
    token: Arc<Token>,
    landing: Landing,
}

/// A flight that panics lands all the same, or everybody would wait for it for ever.
async fn guarded(crew: Arc<Crew>, cell: Weak<Cell>, stale: Generation) -> Outcome {
    let flight = fly(Arc::clone(&crew), Weak::clone(&cell), stale);
    let caught = AssertUnwindSafe(flight).catch_unwind().await;
    // What the panic said may hold a token.
    caught.unwrap_or_else(|_panic| {
        let error = Arc::new(RefreshError::unknown("the refresh panicked"));
        let cell = cell.upgrade();
        cell.map_or(Outcome::Overtaken, |cell| {
            cell.fail(stale, error, crew.runtime.now())
        })
    })
}

async fn fly(crew: Arc<Crew>, cell: Weak<Cell>, stale: Generation) -> Outcome {
    // Read here and not at departure: whatever came between is known by now.
    let Some(token) = cell.upgrade().and_then(|cell| cell.awaited(stale)) else {
        return Outcome::Overtaken;
    };
    match crew.bring(&token).await {
        Ok(brought) => commit(&crew, &cell, stale, brought).await,
        Err(error) => {
            let (error, now) = (Arc::new(error), crew.runtime.now());
            let cell = cell.upgrade();
            cell.map_or(Outcome::Overtaken, |cell| cell.fail(stale, error, now))
        }
    }
}

/// Save, publish; whoever waits is woken by the return.
///
/// Where the last session is gone, the token is saved for whoever opens the store next.
async fn commit(crew: &Crew, cell: &Weak<Cell>, stale: Generation, brought: Brought) -> Outcome {
    let Brought { token, landing } = brought;
    let owe = || crew.keeper.owe(Word::Refreshed(Arc::clone(&token)));
    match cell.upgrade() {
        Some(cell) => {
            if !cell.if_awaited(stale, owe) {
                return Outcome::Overtaken;
            }
        }
        None => owe(),
    }
    // A save that fails stays owed: the token is good all the same.
    _ = crew.settle().await;
    let now = crew.runtime.now();
    let cell = cell.upgrade();
    cell.map_or(Outcome::Overtaken, |cell| {
        cell.publish(stale, landing, token, now)
    })
}

impl Crew {
    /// What the store is owed, within its share of the refresh timeout.
    pub(super) async fn settle(&self) -> Result<(), StoreError> {
        let mut deadline = self.runtime.sleep(self.refresh_timeout / SAVE_SHARE);
        let settled = before(&mut deadline, self.keeper.settle()).await;
        settled.unwrap_or_else(|| Err("the store took too long".into()))
    }

    /// A newer token: from the store where somebody else left one, else from the refresher.
    async fn bring(&self, token: &Arc<Token>) -> Result<Brought, RefreshError> {
        let since = Since {
            now: self.runtime.now(),
            wall_clock: self.runtime.wall_clock(),
        };
        let share = self.refresh_timeout - self.refresh_timeout / SAVE_SHARE;
        let mut deadline = self.runtime.sleep(share);

        let stored = before(&mut deadline, self.keeper.newer_than(token)).await;
        let stored =
            stored.unwrap_or_else(|| Err(RefreshError::transient("the store took too long")))?;
        let base = match stored {
            Some(stored) if stored.lifetime(since.wall_clock) != Some(Duration::ZERO) => {
                return Ok(Brought::adopted(stored, since));
            }
            // Theirs has expired too, but its refresh token is the one to use.
            Some(stored) => Arc::new(stored),
            None => Arc::clone(token),
        };

        let answer = before(&mut deadline, self.refresher.refresh(&base)).await;
        let answer =
            answer.unwrap_or_else(|| Err(RefreshError::unknown("the refresher took too long")))?;
        Ok(Brought::granted(&base, answer, since))
    }
}

impl Brought {
    fn adopted(token: Token, since: Since) -> Self {
        Self {
            landing: Landing::Refreshed {
                since: since.now,
                lifetime: token.lifetime(since.wall_clock),
                refresh_token: RefreshToken::Replaced,
            },
            token: Arc::new(token),
        }
    }

    fn granted(base: &Token, answer: TokenResponse, since: Since) -> Self {
        let refresh_token = match answer.refresh_token() {
            Some(_) => RefreshToken::Replaced,
            None => RefreshToken::Kept,
        };
        Self {
            landing: Landing::Refreshed {
                since: since.now,
                lifetime: answer.expires_in(),
                refresh_token,
            },
            token: Arc::new(base.renewed(answer, since.wall_clock)),
        }
    }
}
