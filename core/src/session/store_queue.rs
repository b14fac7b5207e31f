//! The one queue to the store.
//!
//! It decides who calls the store, and when: in *turns*, one after another. A turn is a shared
//! future with deadlines of its own, so whoever comes next drives the one that somebody left,
//! and none is for ever. What the store hears is decided in [`Outbox`].

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::Shared;

use super::events::{Dispatcher, EventKind};
use crate::machine::{Found, Outbox, Write};
use crate::runtime::{BoxFuture, within};
use crate::store::{Erased, Saved, StoreError, StoreFailure, Stored, TokenStore};
use crate::sync::{Mutex, lock};
use crate::{Generation, RefreshError, Runtime, Token};

pub(super) struct StoreQueue {
    outbox: Arc<Mutex<Outbox<TokenPair>>>,
    /// None where the session has no store: nobody is told, and nobody is asked.
    worker: Option<Arc<StoreWorker>>,
    turn: Mutex<Option<Turn>>,
}

type Turn = Shared<BoxFuture<JobResult>>;

/// A token, the same as another where its access token and its refresh token are: a server may
/// rotate one of them alone.
#[derive(Clone)]
pub(super) struct TokenPair(pub(super) Arc<Token>);

impl PartialEq for TokenPair {
    fn eq(&self, other: &Self) -> bool {
        self.0.access_token() == other.0.access_token()
            && self.0.refresh_token() == other.0.refresh_token()
    }
}

/// What a turn needs: it holds no store, which holds it.
struct StoreWorker {
    store: Arc<dyn TokenStore>,
    outbox: Arc<Mutex<Outbox<TokenPair>>>,
    runtime: Arc<dyn Runtime>,
    events: Arc<Dispatcher>,
    /// How long the store may take to hear what it is pending, and as long again to be read.
    patience: Duration,
}

/// What a turn is for.
#[derive(Clone, Copy)]
enum Job {
    /// The store hears what it is pending.
    Settle,
    /// And it is read.
    Read,
}

/// Whose word the store has, once it was told ours.
enum Written {
    Ours,
    /// What somebody else wrote meanwhile stays.
    Theirs,
}

/// What came of a turn.
#[derive(Clone)]
struct JobResult {
    flushed: Result<(), StoreFailure>,
    read: Result<Option<Stored>, StoreFailure>,
}

/// How often a word is tried again where others write meanwhile.
const TRIES: usize = 4;

impl StoreQueue {
    pub(super) fn new(
        store: Option<Arc<dyn TokenStore>>,
        outbox: Outbox<TokenPair>,
        runtime: Arc<dyn Runtime>,
        events: Arc<Dispatcher>,
        patience: Duration,
    ) -> Self {
        let outbox = Arc::new(Mutex::new(outbox));
        let worker = store.map(|store| {
            Arc::new(StoreWorker {
                store,
                outbox: Arc::clone(&outbox),
                runtime,
                events,
                patience,
            })
        });
        Self {
            outbox,
            worker,
            turn: Mutex::new(None),
        }
    }

    pub(super) const fn is_shared(&self) -> bool {
        self.worker.is_some()
    }

    /// As [`Outbox::fence`].
    pub(super) fn fence(&self, generation: Generation, word: Write<TokenPair>) {
        lock(&self.outbox).fence(generation, word);
    }

    /// As [`Outbox::refreshed`].
    pub(super) fn refreshed(&self, stale: Generation, token: TokenPair) -> bool {
        lock(&self.outbox).refreshed(stale, token)
    }

    /// Tells the store what it is pending. What fails stays pending.
    pub(super) async fn flush(&self) -> Result<(), StoreFailure> {
        self.turn(Job::Settle).await.flushed
    }

    /// What is in the store, where that is newer than the session's token.
    pub(super) async fn newer_than(
        &self,
        token: &Arc<Token>,
    ) -> Result<Option<Arc<Token>>, RefreshError> {
        let told = self.turn(Job::Read).await;
        if told.flushed.is_err() {
            // What the store does not know yet is newer than what it holds.
            return Ok(None);
        }
        let stored = told.read.map_err(RefreshError::transient)?;
        let there = stored.map(|stored| (TokenPair(Arc::new(stored.token)), stored.version));
        match lock(&self.outbox).find(&TokenPair(Arc::clone(token)), there) {
            Found::NothingNew => Ok(None),
            Found::Newer(TokenPair(newer)) => Ok(Some(newer)),
            Found::Erased => Err(RefreshError::refused("the store was erased")),
        }
    }

    /// Waits for a turn of one's own, driving those before it.
    async fn turn(&self, job: Job) -> JobResult {
        let Some(worker) = &self.worker else {
            return JobResult::nothing();
        };
        loop {
            let (turn, ours) = {
                let mut current = lock(&self.turn);
                match &*current {
                    Some(turn) => (turn.clone(), false),
                    None => {
                        let turn = StoreWorker::turn(Arc::clone(worker), job);
                        (current.insert(turn).clone(), true)
                    }
                }
            };
            let told = turn.clone().await;
            lock(&self.turn).take_if(|current| current.ptr_eq(&turn));
            if ours {
                return told;
            }
        }
    }
}

impl StoreWorker {
    fn turn(self: Arc<Self>, job: Job) -> Turn {
        let turn: BoxFuture<JobResult> = Box::pin(async move {
            let caught = AssertUnwindSafe(self.run(job)).catch_unwind().await;
            // What it said may hold a token.
            caught.unwrap_or_else(|_panic| JobResult::failed("the store panicked"))
        });
        turn.shared()
    }

    async fn run(&self, job: Job) -> JobResult {
        let flushed = self.in_time(self.flush()).await;
        if let Err(error) = &flushed {
            let error = error.clone();
            self.events.record(EventKind::SaveFailed { error });
        }
        let read = match (job, &flushed) {
            (Job::Read, Ok(())) => self.in_time(self.store.load()).await,
            (Job::Read | Job::Settle, _) => Ok(None),
        };
        JobResult { flushed, read }
    }

    async fn in_time<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreFailure> {
        let called = within(&*self.runtime, self.patience, call).await;
        let called = called.unwrap_or_else(|| Err("the store took too long".into()));
        called.map_err(StoreFailure::new)
    }

    async fn flush(&self) -> Result<(), StoreError> {
        loop {
            let Some(word) = lock(&self.outbox).pending().cloned() else {
                return Ok(());
            };
            let written = match &word {
                Write::Refreshed(token) | Write::SignedIn(token) => self.save(token, &word).await?,
                Write::SignedOut => self.erase().await?,
            };
            lock(&self.outbox).flushed(&word);
            match written {
                Written::Ours => self.events.record(EventKind::Saved),
                Written::Theirs => {}
            }
        }
    }

    /// Keeps a token, in the place of what it may take the place of.
    async fn save(
        &self,
        token: &TokenPair,
        word: &Write<TokenPair>,
    ) -> Result<Written, StoreError> {
        for _ in 0..TRIES {
            let expected = {
                let mut outbox = lock(&self.outbox);
                outbox.saving(token.clone());
                outbox.seen()
            };
            match self.store.save_if(expected, &token.0).await? {
                Saved::Kept(version) => {
                    lock(&self.outbox).saved(version);
                    return Ok(Written::Ours);
                }
                Saved::Conflict(there) => {
                    let version = there.as_ref().map(|there| there.version);
                    let there = there.map(|there| TokenPair(Arc::new(there.token)));
                    let mut outbox = lock(&self.outbox);
                    if !outbox.may_replace(word, there.as_ref()) {
                        // The next refresh reads it.
                        return Ok(Written::Theirs);
                    }
                    outbox.see(version);
                }
            }
        }
        Err("the store changes all the time".into())
    }

    async fn erase(&self) -> Result<Written, StoreError> {
        let mut there = self.store.load().await?.map(|there| there.version);
        for _ in 0..TRIES {
            lock(&self.outbox).see(there);
            let Some(version) = there else {
                return Ok(Written::Ours);
            };
            there = match self.store.erase_if(version).await? {
                Erased::Gone => None,
                Erased::Conflict(there) => Some(there.version),
            };
        }
        Err("the store changes all the time".into())
    }
}

impl JobResult {
    const fn nothing() -> Self {
        Self {
            flushed: Ok(()),
            read: Ok(None),
        }
    }

    fn failed(error: &'static str) -> Self {
        Self {
            flushed: Err(StoreFailure::new(error)),
            read: Ok(None),
        }
    }
}
