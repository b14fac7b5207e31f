//! Tasks: futures that are polled only after they were woken.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use reauth::BoxFuture;

use crate::world::Holder;

/// The numbers of the tasks that were woken, in order.
type Ready = Arc<Mutex<Vec<usize>>>;

#[derive(Default)]
pub(crate) struct Tasks {
    tasks: Vec<Task>,
    ready: Ready,
}

pub(crate) struct Task {
    pub(crate) holder: Holder,
    pub(crate) label: Label,
    /// It is not polled for a while.
    pub(crate) held: bool,
    future: Option<BoxFuture<()>>,
    woken: Arc<Woken>,
    waker: Waker,
}

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    Open,
    Request(usize),
    SignIn,
    SignOut,
    Refresh,
    Token,
    Close,
    /// A task that the session spawned.
    Background,
}

struct Woken {
    number: usize,
    is_ready: AtomicBool,
    ready: Ready,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_ready.swap(true, Ordering::Relaxed) {
            let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
            ready.push(self.number);
        }
    }
}

/// How a poll ended.
pub(crate) enum Polled {
    Pending,
    Done,
    Panicked,
}

impl Tasks {
    /// Adds a task, which is woken.
    pub(crate) fn add(&mut self, holder: Holder, label: Label, future: BoxFuture<()>) -> usize {
        let number = self.tasks.len();
        let woken = Arc::new(Woken {
            number,
            is_ready: AtomicBool::new(false),
            ready: Arc::clone(&self.ready),
        });
        let waker = Waker::from(Arc::clone(&woken));
        waker.wake_by_ref();
        self.tasks.push(Task {
            holder,
            label,
            held: false,
            future: Some(future),
            woken,
            waker,
        });
        number
    }

    pub(crate) fn get(&mut self, number: usize) -> &mut Task {
        &mut self.tasks[number]
    }

    /// Adds the tasks that were woken to a list.
    pub(crate) fn woken(&mut self, list: &mut Vec<usize>) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        ready.retain(|number| self.tasks[*number].future.is_some());
        list.extend_from_slice(&ready);
    }

    /// The tasks that are not done.
    pub(crate) fn live(&self) -> impl Iterator<Item = (usize, &Task)> {
        let tasks = self.tasks.iter().enumerate();
        tasks.filter(|(_, task)| task.future.is_some())
    }

    pub(crate) fn poll(&mut self, number: usize) -> Polled {
        {
            let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
            ready.retain(|ready| *ready != number);
        }
        let task = &mut self.tasks[number];
        task.woken.is_ready.store(false, Ordering::Relaxed);
        let Some(future) = &mut task.future else {
            return Polled::Done;
        };
        let mut context = Context::from_waker(&task.waker);
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context))) {
            Ok(Poll::Pending) => Polled::Pending,
            Ok(Poll::Ready(())) => {
                task.future = None;
                Polled::Done
            }
            Err(_panic) => {
                task.future = None;
                Polled::Panicked
            }
        }
    }

    /// Drops a task's future.
    pub(crate) fn drop(&mut self, number: usize) {
        self.tasks[number].future = None;
    }

    /// Drops what a process does.
    pub(crate) fn drop_all(&mut self, process: u8) {
        for task in &mut self.tasks {
            if task.holder.process == process {
                task.future = None;
            }
        }
    }

    pub(crate) fn release(&mut self) {
        for task in &mut self.tasks {
            task.held = false;
        }
    }

    pub(crate) fn holds(&self) -> bool {
        self.live().any(|(_, task)| task.held)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(number) => write!(f, "request {number}"),
            label => f.write_str(&format!("{label:?}").to_lowercase()),
        }
    }
}
