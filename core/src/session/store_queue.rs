//! The session's calls of its store, one at a time.
//!
//! The [`Holder`] decides what is called. A job is one operation of it, as a shared future: if the
//! caller that drives it is dropped, the next caller continues it. Each job has its own time limit,
//! so no caller waits for ever.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Shared, select};

use super::events::{Dispatcher, EventKind};
use crate::machine::Holder;
use crate::machine::holder::{
    self, Age, Answer, Claimed, Clocks, Done, Id, Ids, Next, Operation, Position, Settled, Standing,
};
use crate::runtime::{BoxFuture, within};
use crate::store::{
    ClaimId, Record, Saved, StoreError, StoreFailure, Stored, TokenStore, Version, random,
};
use crate::sync::{Mutex, lock};
use crate::{Runtime, Spends, Token};

pub(super) type StoredRecord = holder::Record<Arc<Token>>;
pub(super) type Found = holder::Found<Arc<Token>>;

/// A session's access to its store.
pub(super) struct StoreQueue {
    worker: Arc<StoreWorker>,
    current: Mutex<Option<SharedJob>>,
    /// Whether a task writes again what is pending.
    retries: AtomicBool,
}

type SharedJob = Shared<BoxFuture<JobResult>>;
type JobResult = Result<Done<Arc<Token>>, StoreFailure>;

/// What a job needs. It holds no queue, because the queue holds it.
struct StoreWorker {
    store: Arc<dyn TokenStore>,
    locked: Mutex<Locked>,
    runtime: Arc<dyn Runtime>,
    /// A clock that does not count the time for which the machine slept.
    monotonic: Arc<dyn Runtime>,
    events: Arc<Dispatcher>,
    /// How long a job may take.
    timeout: Duration,
}

struct Locked {
    holder: Holder<Arc<Token>, Version>,
    /// The record that was read last: what it has and the holder does not know is kept.
    read: Option<Record>,
    /// When what is pending is written again, and how often that has failed.
    retry_at: Option<Duration>,
    failures: u32,
    /// The version for which the store has woken us.
    woken_at: Option<Version>,
}

/// The settings of a [`StoreQueue`].
pub(super) struct StoreSettings {
    pub(super) store: Arc<dyn TokenStore>,
    pub(super) holder: Holder<Arc<Token>, Version>,
    pub(super) read: Option<Record>,
    pub(super) monotonic: Arc<dyn Runtime>,
    pub(super) timeout: Duration,
}

/// The pauses before what is pending is written again.
pub(super) const FIRST_RETRY: Duration = Duration::from_secs(1);
pub(super) const LONGEST_RETRY: Duration = Duration::from_secs(300);

impl StoreQueue {
    pub(super) fn new(
        settings: StoreSettings,
        runtime: Arc<dyn Runtime>,
        events: Arc<Dispatcher>,
    ) -> Self {
        Self {
            worker: Arc::new(StoreWorker {
                store: settings.store,
                locked: Mutex::new(Locked {
                    holder: settings.holder,
                    read: settings.read,
                    retry_at: None,
                    failures: 0,
                    woken_at: None,
                }),
                runtime,
                monotonic: settings.monotonic,
                events,
                timeout: settings.timeout,
            }),
            current: Mutex::new(None),
            retries: AtomicBool::new(false),
        }
    }

    /// As [`Holder::fence`].
    pub(super) fn fence(&self, token: Option<Arc<Token>>, now: Duration) {
        self.holder(|holder| holder.fence(token, random(), now));
    }

    /// As [`Holder::follow`].
    pub(super) fn follow(&self, fence: &StoredRecord) -> bool {
        self.holder(|holder| holder.follow(fence))
    }

    /// As [`Holder::hold`].
    pub(super) fn hold(&self, position: Position) {
        self.holder(|holder| holder.hold(position));
    }

    /// As [`Holder::begin_send`].
    pub(super) fn begin_send(&self, claim: Id, now: Duration) -> Option<Duration> {
        self.holder(|holder| holder.begin_send(claim, now))
    }

    /// As [`Holder::settle`].
    pub(super) fn settle(&self, claim: Id, settled: Settled<Arc<Token>>) -> Option<Position> {
        self.holder(|holder| holder.settle(claim, settled))
    }

    /// Whether a token, a sign-in or a sign-out is not stored yet.
    pub(super) fn is_unsaved(&self) -> bool {
        self.holder(|holder| holder.is_unsaved())
    }

    /// Writes what is pending. What fails stays pending.
    pub(super) async fn deliver(&self) -> Result<Delivered, StoreFailure> {
        Ok(match self.job(Operation::Deliver).await? {
            Done::GivenUp => Delivered::GivenUp,
            Done::Delivered | Done::Found(_) | Done::Claimed(..) | Done::Failed => Delivered::Yes,
        })
    }

    /// Reads the record, after what is pending is written.
    pub(super) async fn look(&self) -> Result<Found, StoreFailure> {
        match self.job(Operation::Look).await? {
            Done::Found(found) => Ok(found),
            Done::Delivered | Done::GivenUp | Done::Claimed(..) | Done::Failed => {
                Err(StoreFailure::new("the store was not read"))
            }
        }
    }

    /// Claims the record that was found here. `None`: another holder was faster, or a sign-in.
    pub(super) async fn claim(
        &self,
        spends: Spends,
        base: Position,
    ) -> Result<Option<(Claimed, Id)>, StoreFailure> {
        Ok(match self.job(Operation::Claim(spends, base)).await? {
            Done::Claimed(claimed, id) => Some((claimed, id)),
            Done::Found(_) | Done::Delivered | Done::GivenUp | Done::Failed => None,
        })
    }

    /// Waits while another holder has claimed the record: for this long, or until the store wakes
    /// us, or says that the holder is gone.
    pub(super) async fn wait(&self, standing: &Standing, pause: Duration) {
        let worker = &*self.worker;
        let Standing::Claimed { id, .. } = standing else {
            return;
        };
        let version = self.holder(|holder| holder.version().cloned());
        let before = lock(&worker.locked).woken_at.take();
        if before.is_some() && before == version {
            // Nothing had changed.
            return worker.runtime.sleep(pause).await;
        }
        let wait = async {
            if worker.store.is_gone(ClaimId(*id)).await {
                return self.holder(|holder| holder.gone(*id));
            }
            worker.store.changed(version.as_ref()).await;
            lock(&worker.locked).woken_at = version;
        };
        let wait = AssertUnwindSafe(wait).catch_unwind();
        let sleep = worker.runtime.sleep(pause);
        match select(Box::pin(wait), sleep).await {
            futures_util::future::Either::Left((Err(_panic), sleep)) => sleep.await,
            futures_util::future::Either::Left((Ok(()), _))
            | futures_util::future::Either::Right(_) => {}
        }
    }

    /// How long to wait before what is pending is written again.
    pub(super) fn retry_in(&self) -> Option<Duration> {
        let locked = lock(&self.worker.locked);
        let now = self.worker.runtime.now();
        let pending = locked.holder.is_pending();
        pending.then(|| {
            locked
                .retry_at
                .map_or(Duration::ZERO, |at| at.saturating_sub(now))
        })
    }

    /// Whether a task may begin to write again what is pending: there is one at a time.
    pub(super) fn begin_retries(&self) -> bool {
        !self.retries.swap(true, Ordering::Relaxed)
    }

    pub(super) fn end_retries(&self) {
        self.retries.store(false, Ordering::Relaxed);
    }

    fn holder<R>(&self, change: impl FnOnce(&mut Holder<Arc<Token>, Version>) -> R) -> R {
        change(&mut lock(&self.worker.locked).holder)
    }

    /// Runs an operation, after driving those before it.
    async fn job(&self, operation: Operation) -> JobResult {
        let mut job = Some(operation);
        loop {
            let running = {
                let mut current = lock(&self.current);
                match &*current {
                    Some(running) => running.clone(),
                    None => {
                        let job = job.take().expect("the loop ends with its own job");
                        let running = StoreWorker::run(Arc::clone(&self.worker), job);
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

/// What became of what was pending.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivered {
    /// It is stored.
    Yes,
    /// Another holder's write stands: look at it.
    GivenUp,
}

impl StoreWorker {
    fn run(self: Arc<Self>, operation: Operation) -> SharedJob {
        let job: BoxFuture<JobResult> = Box::pin(async move { self.job(operation).await });
        job.shared()
    }

    async fn job(&self, operation: Operation) -> JobResult {
        let unsaved = lock(&self.locked).holder.is_unsaved();
        let calls = within(&*self.runtime, self.timeout, self.calls(operation));
        let result = match AssertUnwindSafe(calls).catch_unwind().await {
            Ok(Some(result)) => result,
            Ok(None) => Err("the store took too long".into()),
            // The panic's message may hold a token.
            Err(_panic) => Err("the store panicked".into()),
        };
        let result = result.map_err(StoreFailure::new);
        self.ended(&result, unsaved);
        result
    }

    /// Calls the store until the operation ends.
    async fn calls(&self, operation: Operation) -> Result<Done<Arc<Token>>, StoreError> {
        let (clocks, ids) = (self.clocks(), fresh_ids());
        let mut next = lock(&self.locked).holder.start(operation, clocks, ids);
        loop {
            let answer = match next {
                Next::Done(Done::Failed) => {
                    return Err("the store changed during every attempt to write".into());
                }
                Next::Done(done) => return Ok(done),
                Next::Load => Answer::Loaded(self.read(self.store.load().await?)),
                Next::Save { expected, record } => {
                    let record = {
                        let locked = lock(&self.locked);
                        Record::next(record, locked.read.as_ref())
                    };
                    match self.store.save_if(expected.as_ref(), &record).await? {
                        Saved::Kept(version) => {
                            lock(&self.locked).read = Some(record);
                            Answer::Kept(version)
                        }
                        Saved::Conflict(there) => Answer::Conflict(self.read(there)),
                    }
                }
            };
            let (clocks, ids) = (self.clocks(), fresh_ids());
            next = lock(&self.locked).holder.answered(answer, clocks, ids);
        }
    }

    fn read(&self, stored: Option<Stored>) -> Option<(StoredRecord, Version)> {
        let mut locked = lock(&self.locked);
        locked.read = stored.as_ref().map(|stored| stored.record.clone());
        stored.map(|stored| (stored.record.inner, stored.version))
    }

    /// Records what came of a job.
    fn ended(&self, result: &JobResult, unsaved: bool) {
        let now = self.runtime.now();
        let mut locked = lock(&self.locked);
        if result.is_err() {
            // The machine was told of every other call.
            let (clocks, ids) = (self.clocks(), fresh_ids());
            _ = locked.holder.answered(Answer::Failed, clocks, ids);
        }
        let saved = unsaved && !locked.holder.is_unsaved();
        match result {
            Err(error) if locked.holder.is_unsaved() => {
                let error = error.clone();
                self.events.record(EventKind::SaveFailed { error });
            }
            // What was given up is another sign-in now, or a newer token.
            Ok(
                Done::Delivered
                | Done::Found(Found::SignedOut | Found::Token { age: Age::Same, .. }),
            ) if saved => self.events.record(EventKind::Saved),
            Ok(_) | Err(_) => {}
        }
        if locked.holder.is_pending() {
            let pause = FIRST_RETRY.saturating_mul(1 << locked.failures.min(9));
            locked.retry_at = Some(now.saturating_add(pause.min(LONGEST_RETRY)));
            locked.failures += 1;
        } else {
            locked.retry_at = None;
            locked.failures = 0;
        }
    }

    fn clocks(&self) -> Clocks {
        Clocks {
            now: self.runtime.now(),
            monotonic: self.monotonic.now(),
        }
    }
}

fn fresh_ids() -> Ids {
    let (write, claim): (Id, Id) = (random(), random());
    Ids { write, claim }
}
