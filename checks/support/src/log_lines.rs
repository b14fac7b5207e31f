//! Captures everything that the crates of a process log, at every level. For a test that is alone
//! in its process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use log::{LevelFilter, Log, Metadata, Record};

/// The lines that were logged.
#[derive(Debug)]
pub struct Lines {
    /// The target under which a client logs what it reads and writes.
    wire: &'static str,
    hears_the_wire: AtomicBool,
    lines: Mutex<Vec<String>>,
}

impl Lines {
    /// Those of a client that logs what it reads and writes under this target.
    #[must_use]
    pub const fn of_a_client_whose_wire_is(wire: &'static str) -> Self {
        Self {
            wire,
            hears_the_wire: AtomicBool::new(false),
            lines: Mutex::new(Vec::new()),
        }
    }

    /// Captures all lines from now on, but those of the wire.
    ///
    /// # Panics
    ///
    /// If the process has a logger already.
    pub fn begin(&'static self) {
        log::set_logger(self).expect("it is the only one");
        log::set_max_level(LevelFilter::Trace);
    }

    /// Captures the lines of the wire too.
    pub fn hear_the_wire(&self) {
        self.hears_the_wire.store(true, Ordering::Relaxed);
    }

    /// Returns what was logged since the last call.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
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
