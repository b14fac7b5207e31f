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
use crate::machine::{Conflict, Found, Outbox, Write};
use crate::runtime::{BoxFuture, within};
use crate::store::{Saved, StoreError, StoreFailure, Stored, TokenStore, Version};
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
enum Job {
    /// To write what is pending.
    Flush,
    /// To write what is pending, and to look for a token newer than this one.
    Read(TokenPair),
}

/// The outcome of a job.
#[derive(Clone)]
struct JobResult {
    flushed: Result<(), StoreFailure>,
    found: Result<Found<TokenPair>, StoreFailure>,
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
        let result = self.job(Job::Read(TokenPair(Arc::clone(token)))).await;
        if result.flushed.is_err() {
            // What is pending is newer than what the store holds.
            return Ok(None);
        }
        match result.found.map_err(RefreshError::transient)? {
            Found::NothingNew => Ok(None),
            Found::Newer(TokenPair(newer)) => Ok(Some(newer)),
            Found::Erased => Err(RefreshError::refused(
                "another session signed out, and the store has no token",
            )),
        }
    }

    /// Runs a job, after driving those before it.
    async fn job(&self, job: Job) -> JobResult {
        let Some(worker) = &self.worker else {
            return JobResult::nothing();
        };
        let mut job = Some(job);
        loop {
            let running = {
                let mut current = lock(&self.current);
                match &*current {
                    Some(running) => running.clone(),
                    None => {
                        let job = job.take().expect("the loop ends with its own job");
                        let running = StoreWorker::start(Arc::clone(worker), job);
                        current.insert(running).clone()
                    }
                }
            };
            let result = running.clone().await;
            lock(&self.current).take_if(|current| current.ptr_eq(&running));
            if job.is_none() {
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
        let found = match (job, &flushed) {
            (Job::Read(held), Ok(())) => {
                let stored = self.in_time(self.store.load()).await;
                // Within the job: a later one may have changed the version.
                stored.map(|stored| lock(&self.outbox).find(&held, stored.map(parts)))
            }
            (Job::Read(_) | Job::Flush, _) => Ok(Found::NothingNew),
        };
        JobResult { flushed, found }
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
            self.save(&write).await?;
            lock(&self.outbox).flushed(&write);
        }
    }

    /// Saves a token or a sign-out, over anything that it may replace.
    async fn save(&self, write: &Write<TokenPair>) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let expected = lock(&self.outbox).saving(write);
            let token = write.token().map(|token| &*token.0);
            let there = match self.store.save_if(expected, token).await? {
                Saved::Kept(version) => {
                    lock(&self.outbox).saved(version);
                    self.events.record(EventKind::Saved);
                    return Ok(());
                }
                Saved::Conflict(there) => there.map(parts),
            };
            match lock(&self.outbox).conflict(write, there) {
                Conflict::Landed => {
                    self.events.record(EventKind::Saved);
                    return Ok(());
                }
                // The next refresh reads it.
                Conflict::Theirs => return Ok(()),
                Conflict::Again => {}
            }
        }
        Err("the store changed during every attempt to write".into())
    }
}

fn parts(stored: Stored) -> (Option<TokenPair>, Version) {
    let token = stored.token.map(|token| TokenPair(Arc::new(token)));
    (token, stored.version)
}

impl JobResult {
    const fn nothing() -> Self {
        Self {
            flushed: Ok(()),
            found: Ok(Found::NothingNew),
        }
    }

    fn failed(error: &'static str) -> Self {
        Self {
            flushed: Err(StoreFailure::new(error)),
            found: Ok(Found::NothingNew),
        }
    }
}
