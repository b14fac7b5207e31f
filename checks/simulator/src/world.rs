//! The world that sessions see: time, calls under way, servers and the store.
//!
//! It has one lock. Nothing that belongs to a session is dropped or polled while it is held.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, SystemTime};

use reauth::BoxFuture;

use crate::calls::Call;
use crate::ledger::{Ledger, Promise, Violation};
use crate::recording::Recording;
use crate::servers::Servers;
use crate::setup::Setup;
use crate::situations::{Situation, Situations};
use crate::stored::Store;

/// A process, and how often it was started: what it knew is lost each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) process: u8,
    pub(crate) start: u16,
}

/// The world, as the parts of a session share it.
#[derive(Debug)]
pub(crate) struct World(Mutex<State>);

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) setup: Setup,
    /// Milliseconds since the world began.
    pub(crate) now: u64,
    pub(crate) machines: Vec<Machine>,
    pub(crate) timers: Vec<Timer>,
    pub(crate) calls: Vec<Call>,
    pub(crate) last_call: u32,
    pub(crate) servers: Servers,
    pub(crate) store: Store,
    pub(crate) ledger: Ledger,
    pub(crate) spawned: Vec<(Holder, SpawnedTask)>,
    pub(crate) situations: Situations,
    pub(crate) violation: Option<Violation>,
    /// What happened, if somebody wants to know.
    recording: Option<Arc<Recording>>,
}

/// The clocks of a process, which is a machine of its own.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Machine {
    /// How often it was started.
    pub(crate) start: u16,
    /// How long its monotonic clock stood still, in milliseconds.
    pub(crate) asleep: u64,
    /// How far its wall clock is ahead, in milliseconds.
    pub(crate) ahead: i64,
    /// How much its wall clock was set ahead in all.
    pub(crate) jumped: u64,
    /// How much its wall clock was set back in all: the others take its tokens for older.
    pub(crate) set_back: u64,
}

#[derive(Debug)]
pub(crate) struct Timer {
    id: u32,
    process: u8,
    /// On the monotonic clock of the process.
    until: u64,
    waker: Waker,
}

pub(crate) struct SpawnedTask(pub(crate) BoxFuture<()>);

impl std::fmt::Debug for SpawnedTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SpawnedTask")
    }
}

/// When the wall clocks begin: 2026-11-28.
const BEGAN: Duration = Duration::from_secs(1_795_824_000);

impl World {
    pub(crate) fn new(setup: Setup, recording: Option<Arc<Recording>>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            setup,
            now: 1000,
            machines: vec![Machine::default(); setup.processes.into()],
            timers: Vec::new(),
            calls: Vec::new(),
            last_call: 0,
            servers: Servers::default(),
            store: Store::default(),
            ledger: Ledger::new(setup),
            spawned: Vec::new(),
            situations: Situations::default(),
            violation: None,
            recording,
        })))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Adds a line to the story, if it is told.
    pub(crate) fn tell(&mut self, line: impl FnOnce() -> String) {
        if let Some(recording) = &self.recording {
            let seconds = self.now as f64 / 1000.0;
            recording.tell(format!("{seconds:>7.1}s  {}", line()));
        }
    }

    pub(crate) fn met(&mut self, situation: Situation) {
        self.situations.insert(situation);
    }

    /// Records that a promise is broken. The first one counts.
    pub(crate) fn broken(&mut self, promise: Promise, why: impl FnOnce() -> String) {
        if self.violation.is_none() && (promise.outlasts_a_restore() || !self.store.is_restored()) {
            let violation = Violation::new(promise, why());
            self.tell(|| format!("*** {violation}"));
            self.violation = Some(violation);
        }
    }

    /// The monotonic clock of a process, in milliseconds.
    pub(crate) fn monotonic(&self, process: u8) -> u64 {
        self.now - self.machines[usize::from(process)].asleep
    }

    /// The latest time that a process can take it to be, whatever clock it looks at, and whoever
    /// has stored when a token expires.
    pub(crate) fn at_the_latest(&self, process: u8) -> u64 {
        let set_back = self.machines.iter().map(|machine| machine.set_back).max();
        let jumped = self.machines[usize::from(process)].jumped;
        self.now + jumped + set_back.unwrap_or_default()
    }

    pub(crate) fn wall_clock(&self, process: u8) -> SystemTime {
        let ahead = self.machines[usize::from(process)].ahead;
        let now = Duration::from_millis(self.now.saturating_add_signed(ahead));
        SystemTime::UNIX_EPOCH + BEGAN + now
    }

    pub(crate) fn set_timer(
        &mut self,
        id: Option<u32>,
        process: u8,
        until: u64,
        waker: &Waker,
    ) -> u32 {
        let known = id.and_then(|id| self.timers.iter_mut().find(|timer| timer.id == id));
        if let Some(timer) = known {
            timer.waker.clone_from(waker);
            return timer.id;
        }
        self.last_call += 1;
        self.timers.push(Timer {
            id: self.last_call,
            process,
            until,
            waker: waker.clone(),
        });
        self.last_call
    }

    pub(crate) fn clear_timer(&mut self, id: u32) -> Option<Timer> {
        let place = self.timers.iter().position(|timer| timer.id == id)?;
        Some(self.timers.swap_remove(place))
    }

    /// When the next timer is due.
    pub(crate) fn next_timer(&self) -> Option<u64> {
        let due = |timer: &Timer| timer.until + self.machines[usize::from(timer.process)].asleep;
        // One that is due has been woken; perhaps nobody polls it.
        let due = self.timers.iter().map(due);
        due.filter(|due| *due > self.now).min()
    }

    /// Moves the time, and wakes those whose timers are due.
    pub(crate) fn pass(&mut self, until: u64) {
        self.now = self.now.max(until);
        for timer in &self.timers {
            if timer.until <= self.now - self.machines[usize::from(timer.process)].asleep {
                timer.waker.wake_by_ref();
            }
        }
    }

    /// Whether this holder is a process that runs.
    pub(crate) fn runs(&self, holder: Holder) -> bool {
        self.machines[usize::from(holder.process)].start == holder.start
    }
}
