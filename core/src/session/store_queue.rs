//! The session's one writer to its store.
//!
//! It calls the store in jobs, one at a time. The [`Outbox`] decides what a job writes. A job is a
//! shared future: if the caller that drives it is dropped, the next caller continues it. Each job
//! has its own time limits, so no caller waits for ever.

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
    /// `None` if the session has no store.
    worker: Option<Arc<StoreWorker>>,
    current: Mutex<Option<SharedJob>>,
}

type SharedJob = Shared<BoxFuture<JobResult>>;

/// A token, compared by its access token and its refresh token: a server may rotate either alone.
#[derive(Clone)]
pub(super) struct TokenPair(pub(super) Arc<Token>);

impl PartialEq for TokenPair {
    fn eq(&self, other: &Self) -> bool {
        self.0.access_token() == other.0.access_token()
            && self.0.refresh_token() == other.0.refresh_token()
    }
}

/// What a job needs. It holds no queue, because the queue holds it.
struct StoreWorker {
    store: Arc<dyn TokenStore>,
    outbox: Arc<Mutex<Outbox<TokenPair>>>,
    runtime: Arc<dyn Runtime>,
    events: Arc<Dispatcher>,
    /// How long a job may take to write, and again to read.
    timeout: Duration,
}

/// What the store is called for.
#[derive(Clone, Copy)]
enum Job {
    /// To write what is pending.
    Flush,
    /// To write what is pending, and to read.
    Read,
}

/// What the store holds after a write.
enum Written {
    Ours,
    /// What another process wrote meanwhile.
    Theirs,
}

/// The outcome of a job.
#[derive(Clone)]
struct JobResult {
    flushed: Result<(), StoreFailure>,
    read: Result<Option<Stored>, StoreFailure>,
}

/// How often a write is tried if other processes write meanwhile.
const TRIES: usize = 4;

impl StoreQueue {
    pub(super) fn new(
        store: Option<Arc<dyn TokenStore>>,
        outbox: Outbox<TokenPair>,
        runtime: Arc<dyn Runtime>,
        events: Arc<Dispatcher>,
        timeout: Duration,
    ) -> Self {
        let outbox = Arc::new(Mutex::new(outbox));
        let worker = store.map(|store| {
            Arc::new(StoreWorker {
                store,
                outbox: Arc::clone(&outbox),
                runtime,
                events,
                timeout,
            })
        });
        Self {
            outbox,
            worker,
            current: Mutex::new(None),
        }
    }

    pub(super) const fn has_store(&self) -> bool {
        self.worker.is_some()
    }

    /// As [`Outbox::fence`].
    pub(super) fn fence(&self, generation: Generation, write: Write<TokenPair>) {
        lock(&self.outbox).fence(generation, write);
    }

    /// As [`Outbox::refreshed`].
    pub(super) fn refreshed(&self, stale: Generation, token: TokenPair) -> bool {
        lock(&self.outbox).refreshed(stale, token)
    }

    /// Writes what is pending. What fails stays pending.
    pub(super) async fn flush(&self) -> Result<(), StoreFailure> {
        self.job(Job::Flush).await.flushed
    }

    /// The token in the store, if it is newer than this one.
    pub(super) async fn newer_than(
        &self,
        token: &Arc<Token>,
    ) -> Result<Option<Arc<Token>>, RefreshError> {
        let result = self.job(Job::Read).await;
        if result.flushed.is_err() {
            // What is pending is newer than what the store holds.
            return Ok(None);
        }
        let stored = result.read.map_err(RefreshError::transient)?;
        let there = stored.map(|stored| (TokenPair(Arc::new(stored.token)), stored.version));
        match lock(&self.outbox).find(&TokenPair(Arc::clone(token)), there) {
            Found::NothingNew => Ok(None),
            Found::Newer(TokenPair(newer)) => Ok(Some(newer)),
            Found::Erased => Err(RefreshError::refused(
                "another session erased the token from the store",
            )),
        }
    }

    /// Runs a job, after driving those before it.
    async fn job(&self, job: Job) -> JobResult {
        let Some(worker) = &self.worker else {
            return JobResult::nothing();
        };
        loop {
            let (running, is_ours) = {
                let mut current = lock(&self.current);
                match &*current {
                    Some(running) => (running.clone(), false),
                    None => {
                        let running = StoreWorker::start(Arc::clone(worker), job);
                        (current.insert(running).clone(), true)
                    }
                }
            };
            let result = running.clone().await;
            lock(&self.current).take_if(|current| current.ptr_eq(&running));
            if is_ours {
                return result;
            }
        }
    }
}

impl StoreWorker {
    fn start(self: Arc<Self>, job: Job) -> SharedJob {
        let job: BoxFuture<JobResult> = Box::pin(async move {
            let caught = AssertUnwindSafe(self.run(job)).catch_unwind().await;
            // The panic's message may hold a token.
            caught.unwrap_or_else(|_panic| JobResult::failed("the store panicked"))
        });
        job.shared()
    }

    async fn run(&self, job: Job) -> JobResult {
        let flushed = self.in_time(self.flush()).await;
        if let Err(error) = &flushed {
            let error = error.clone();
            self.events.record(EventKind::SaveFailed { error });
        }
        let read = match (job, &flushed) {
            (Job::Read, Ok(())) => self.in_time(self.store.load()).await,
            (Job::Read | Job::Flush, _) => Ok(None),
        };
        JobResult { flushed, read }
    }

    async fn in_time<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreFailure> {
        let called = within(&*self.runtime, self.timeout, call).await;
        let called = called.unwrap_or_else(|| Err("the store took too long".into()));
        called.map_err(StoreFailure::new)
    }

    async fn flush(&self) -> Result<(), StoreError> {
        loop {
            let Some(write) = lock(&self.outbox).pending().cloned() else {
                return Ok(());
            };
            let written = match &write {
                Write::Refreshed(token) | Write::SignedIn(token) => {
                    self.save(token, &write).await?
                }
                Write::SignedOut => self.erase().await?,
            };
            lock(&self.outbox).flushed(&write);
            match written {
                Written::Ours => self.events.record(EventKind::Saved),
                Written::Theirs => {}
            }
        }
    }

    /// Saves a token, over anything that it may replace.
    async fn save(
        &self,
        token: &TokenPair,
        write: &Write<TokenPair>,
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
                    if !outbox.may_replace(write, there.as_ref()) {
                        // The next refresh reads it.
                        return Ok(Written::Theirs);
                    }
                    outbox.see(version);
                }
            }
        }
        Err("the store changed during every attempt to write".into())
    }

    /// Erases what the store holds.
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
        Err("the store changed during every attempt to write".into())
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
