//! What is recorded of a run while it runs, so that it can be read even if the run never ends.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::choices::Choices;
use crate::ledger::{Promise, Violation};
use crate::simulation::{Scope, run};

/// The choices of a run, and its story in words.
#[derive(Debug, Default)]
pub struct Recording {
    choices: Mutex<Vec<u8>>,
    lines: Mutex<Vec<String>>,
}

/// A story.
#[derive(Debug)]
pub struct Story {
    /// The choices, from which it can be told again.
    pub choices: Vec<u8>,
    /// What happened.
    pub lines: Vec<String>,
    /// The promise that was broken, if one was.
    pub violation: Option<Violation>,
}

impl Recording {
    pub(crate) fn choose(&self, taken: u8) {
        let mut choices = self.choices.lock().unwrap_or_else(PoisonError::into_inner);
        choices.push(taken);
    }

    pub(crate) fn tell(&self, line: String) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line);
    }
}

/// Runs the simulation in a thread of its own, and tells its story.
///
/// A run that takes longer than `patience` runs without end. Its thread cannot be stopped: only
/// the end of the process ends it.
#[must_use]
pub fn tell(scope: &Scope, choices: Choices, patience: Duration) -> Story {
    let recording = Arc::<Recording>::default();
    let scope = Scope {
        recording: Some(Arc::clone(&recording)),
        ..scope.clone()
    };
    let (ended, ends) = mpsc::channel();
    let thread = thread::spawn(move || _ = ended.send(run(&scope, choices).violation));
    let violation = match ends.recv_timeout(patience) {
        Ok(violation) => violation,
        Err(RecvTimeoutError::Timeout) => {
            let violation = Violation::new(Promise::P8, "a task runs without end".to_owned());
            recording.tell(format!("*** {violation}"));
            Some(violation)
        }
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Ok(()) => unreachable!("it sends before it ends"),
            Err(panic) => std::panic::resume_unwind(panic),
        },
    };
    let choices = recording
        .choices
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let lines = recording
        .lines
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    Story {
        choices: choices.clone(),
        lines: lines.clone(),
        violation,
    }
}
