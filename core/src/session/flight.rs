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
use super::keeper::{Keeper, Kept};
use super::reentry;
use crate::machine::{Landing, RefreshToken, Retries, Rules, Term};
use crate::runtime::{BoxFuture, before};
use crate::store::StoreFailure;
use crate::{Generation, RefreshError, Runtime, Token, TokenRefresher, TokenResponse};

/// A fifth of the refresh timeout is for the save, the rest for the call.
pub(super) const SAVE_SHARE: u32 = 5;

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
    pub(super) rules: Rules,
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
    jitter: u8,
}

impl Since {
    fn now(runtime: &dyn Runtime) -> Self {
        Self {
            now: runtime.now(),
            wall_clock: runtime.wall_clock(),
            jitter: runtime.jitter(),
        }
    }

    fn term(self, lifetime: Option<Duration>) -> Term {
        Term {
            since: self.now,
            lifetime,
            jitter: self.jitter,
        }
    }
}

/// A token that a flight brought, and what the coordinator is told of it.
struct Brought {
    token: Arc<Token>,
    landing: Landing,
    source: Source,
}

enum Source {
    Refresher,
    Store,
}

/// What the store has for a flight.
enum Look {
    /// A newer token, which somebody else left there.
    Newer(Brought),
    /// The token to trade.
    Base(Arc<Token>),
}

/// A flight that panics lands all the same, or everybody would wait for it for ever.
async fn guarded(crew: Arc<Crew>, cell: Weak<Cell>, stale: Generation) -> Outcome {
    let since = Since::now(&*crew.runtime);
    let flight = fly(Arc::clone(&crew), Weak::clone(&cell), stale, since);
    let flight = reentry::marked(Weak::clone(&cell), flight);
    let caught = AssertUnwindSafe(flight).catch_unwind().await;
    // What the panic said may hold a token.
    caught.unwrap_or_else(|_panic| {
        let error = Arc::new(RefreshError::unknown("the refresh panicked"));
        let cell = cell.upgrade();
        cell.map_or(Outcome::Overtaken, |cell| {
            cell.fail(stale, error, since.now, crew.runtime.now())
        })
    })
}

async fn fly(crew: Arc<Crew>, cell: Weak<Cell>, stale: Generation, since: Since) -> Outcome {
    let awaited = || cell.upgrade().and_then(|cell| cell.awaited(stale));
    // Read here and not at departure: whatever came between is known by now.
    let Some(mut token) = awaited() else {
        return Outcome::Overtaken;
    };
    let mut deadline = crew.runtime.sleep(crew.call_timeout());
    let mut retries = Retries::new(crew.rules, crew.call_timeout());
    let brought = loop {
        let tried = Since::now(&*crew.runtime);
        // Before each try: while it paused, somebody else may have spent the token.
        let base = match crew.look(token, tried, &mut deadline).await {
            Ok(Look::Base(base)) => base,
            Ok(Look::Newer(brought)) => break Ok(brought),
            Err(error) => break Err(error),
        };
        // A fence that has come by now has a token of its own, which is not ours to spend.
        if awaited().is_none() {
            return Outcome::Overtaken;
        }
        let began = crew.runtime.now();
        if !retries.may_begin(crew.left(since, began)) {
            break Err(RefreshError::transient("there was too little time left"));
        }
        let answer = match cell.upgrade().map(|cell| cell.is_spent(began)) {
            Some(false) | None => crew.ask(&base, tried, &mut deadline).await,
            Some(true) => Err(RefreshError::unknown(
                "the grace of the refresh token is over",
            )),
        };
        match crew.pause(&mut retries, &answer, since, began) {
            Some(pause) => pause.await,
            None => break crew.look_again(answer, &base, tried).await,
        }
        token = base;
    };
    match brought {
        Ok(brought) => commit(&crew, &cell, stale, brought).await,
        Err(error) => {
            let (error, now) = (Arc::new(error), crew.runtime.now());
            let cell = cell.upgrade();
            cell.map_or(Outcome::Overtaken, |cell| {
                cell.fail(stale, error, since.now, now)
            })
        }
    }
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

impl Crew {
    pub(super) fn save_timeout(&self) -> Duration {
        self.refresh_timeout / SAVE_SHARE
    }

    fn call_timeout(&self) -> Duration {
        self.refresh_timeout - self.save_timeout()
    }

    /// How much of the time for its call a flight has left.
    fn left(&self, since: Since, now: Duration) -> Duration {
        let ends = since.now.saturating_add(self.call_timeout());
        ends.saturating_sub(now)
    }

    /// The pause before a call that was not processed is tried again, where it is.
    fn pause(
        &self,
        retries: &mut Retries,
        answer: &Result<Brought, RefreshError>,
        since: Since,
        began: Duration,
    ) -> Option<BoxFuture<()>> {
        let error = answer.as_ref().err()?;
        let now = self.runtime.now();
        let (took, left) = (now.saturating_sub(began), self.left(since, now));
        let pause = retries.again(error.kind(), error.retry_after(), took, left)?;
        Some(self.runtime.sleep(pause))
    }

    /// Where a token was refused, or what it bought is lost: what somebody else left in the store
    /// meanwhile, if anything. It takes the time of the save, of which there is none without a
    /// token.
    async fn look_again(
        &self,
        answer: Result<Brought, RefreshError>,
        base: &Arc<Token>,
        since: Since,
    ) -> Result<Brought, RefreshError> {
        let error = match answer {
            Err(error) if error.kind().may_be_spent() => error,
            answer => return answer,
        };
        let mut deadline = self.runtime.sleep(self.save_timeout());
        match before(&mut deadline, self.keeper.newer_than(base)).await {
            Some(Ok(Some(newer))) => Ok(Brought::adopted(newer, since)),
            // The first error says more.
            Some(Ok(None) | Err(_)) | None => Err(error),
        }
    }

    /// What the store is owed, within its share of the refresh timeout.
    pub(super) async fn settle(&self) -> Result<(), StoreFailure> {
        let mut deadline = self.runtime.sleep(self.save_timeout());
        let settled = before(&mut deadline, self.keeper.settle()).await;
        settled.unwrap_or_else(|| Err(StoreFailure::new("the store took too long")))
    }

    /// Reads the store again.
    async fn look(
        &self,
        token: Arc<Token>,
        since: Since,
        deadline: &mut BoxFuture<()>,
    ) -> Result<Look, RefreshError> {
        let too_long = || RefreshError::transient("the store took too long");
        let stored = before(deadline, self.keeper.newer_than(&token)).await;
        let stored = stored.ok_or_else(too_long)??;
        if deadline.now_or_never().is_some() {
            return Err(too_long());
        }
        Ok(match stored {
            Some(stored) if stored.lifetime(since.wall_clock) != Some(Duration::ZERO) => {
                Look::Newer(Brought::adopted(stored, since))
            }
            // It has expired too, but its refresh token is the one to use.
            Some(stored) => Look::Base(stored),
            None => Look::Base(token),
        })
    }

    async fn ask(
        &self,
        base: &Token,
        since: Since,
        deadline: &mut BoxFuture<()>,
    ) -> Result<Brought, RefreshError> {
        let answer = before(deadline, self.refresher.refresh(base.if_any())).await;
        let answer =
            answer.unwrap_or_else(|| Err(RefreshError::unknown("the refresher took too long")))?;
        Ok(Brought::granted(base, answer, since))
    }
}

impl Brought {
    fn adopted(token: Arc<Token>, since: Since) -> Self {
        Self {
            landing: Landing::Refreshed {
                term: since.term(token.lifetime(since.wall_clock)),
                refresh_token: RefreshToken::Replaced,
            },
            token,
            source: Source::Store,
        }
    }

    fn granted(base: &Token, answer: TokenResponse, since: Since) -> Self {
        let refresh_token = match answer.refresh_token() {
            Some(_) => RefreshToken::Replaced,
            None => RefreshToken::Kept,
        };
        Self {
            landing: Landing::Refreshed {
                term: since.term(answer.expires_in()),
                refresh_token,
            },
            token: Arc::new(base.renewed(answer, since.wall_clock)),
            source: Source::Refresher,
        }
    }
}
