//! Threads that run simulations, and a look at whether each still gets on.

use std::process;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

/// What a thread runs.
#[derive(Clone, Debug)]
pub(super) enum Doing {
    /// The random run of this number.
    Random(u64),
    /// The run with these choices.
    These(Vec<u8>),
}

/// How often it looks whether each thread gets on.
const LOOK: Duration = Duration::from_millis(100);

pub(super) struct Workers {
    workers: Vec<Worker>,
    patience: Duration,
}

/// The threads of a worker, and what each runs since when.
#[derive(Default)]
pub(super) struct Worker(Mutex<Vec<(thread::ThreadId, Instant, Doing)>>);

impl Worker {
    /// A run begins on this thread.
    pub(super) fn begins(&self, doing: Doing) {
        let (now, thread) = (Instant::now(), thread::current().id());
        let mut doings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match doings.iter_mut().find(|(known, ..)| *known == thread) {
            Some(known) => *known = (thread, now, doing),
            None => doings.push((thread, now, doing)),
        }
    }

    /// The run on this thread has ended.
    pub(super) fn ended(&self) {
        let thread = thread::current().id();
        let mut doings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        doings.retain(|(known, ..)| *known != thread);
    }

    /// A run that takes longer than this.
    fn stuck(&self, patience: Duration) -> Option<Doing> {
        let doings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stuck = doings
            .iter()
            .find(|(_, since, _)| since.elapsed() > patience);
        stuck.map(|(.., doing)| doing.clone())
    }
}

impl Workers {
    pub(super) fn new(threads: usize, patience: Duration) -> Self {
        let mut workers = Vec::new();
        workers.resize_with(threads, Worker::default);
        Self { workers, patience }
    }

    /// Lets each thread do the work, until all are done.
    ///
    /// If a thread does not get on, it cannot be stopped: `stuck` says so, and the program ends.
    pub(super) fn work(
        self,
        bar: &ProgressBar,
        work: impl Fn(&Worker) + Sync,
        stuck: impl Fn(Doing),
    ) {
        let (done, ends) = mpsc::channel::<()>();
        let workers = &self.workers;
        thread::scope(|scope| {
            for worker in workers {
                let (work, done) = (&work, done.clone());
                scope.spawn(move || {
                    work(worker);
                    drop(done);
                });
            }
            drop(done);
            while let Err(RecvTimeoutError::Timeout) = ends.recv_timeout(LOOK) {
                bar.tick();
                let found = workers
                    .iter()
                    .find_map(|worker| worker.stuck(self.patience));
                if let Some(doing) = found {
                    bar.finish_and_clear();
                    stuck(doing);
                    process::exit(1);
                }
            }
        });
    }
}
