//! Captures everything that the crates of a process log, at every level. For a test that is alone
//! in its process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use log::{LevelFilter, Log, Metadata, Record};

/// The target under which a client logs what it reads and writes.
#[derive(Debug)]
pub(crate) struct Lines {
    wire: &'static str,
    hears_the_wire: AtomicBool,
    lines: Mutex<Vec<String>>,
}

impl Lines {
    pub(crate) const fn of_a_client_whose_wire_is(wire: &'static str) -> Self {
        Self {
            wire,
            hears_the_wire: AtomicBool::new(false),
            lines: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn begin(&'static self) {
        log::set_logger(self).expect("it is the only one");
        log::set_max_level(LevelFilter::Trace);
    }

    pub(crate) fn hear_the_wire(&self) {
        self.hears_the_wire.store(true, Ordering::Relaxed);
    }

    /// Returns what was logged since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Log for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.hears_the_wire.load(Ordering::Relaxed) || !metadata.target().starts_with(self.wire)
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = format!("{} {}", record.target(), record.args());
            let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.push(line);
        }
    }

    fn flush(&self) {}
}
