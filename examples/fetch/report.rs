//! The lines on standard output, and the progress bar on standard error.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use reauth_reqwest::reauth::Counts;
use serde::Serialize;
use tokio::sync::mpsc;

const UNAUTHORIZED: u16 = 401;

/// The outcome of a request.
pub(crate) struct Outcome {
    pub(crate) line: Line,
    /// What the error means.
    pub(crate) because: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Line {
    pub(crate) status: Option<u16>,
    pub(crate) attempts: u32,
    pub(crate) generation: Option<u64>,
    pub(crate) ms: f64,
    pub(crate) error: Option<String>,
}

#[derive(Default, Serialize)]
pub(crate) struct Totals {
    requests: u64,
    ok: u64,
    unauthorized: u64,
    errors: u64,
    refreshes: u64,
    replays: u64,
    #[serde(skip)]
    unwritten: Option<io::Error>,
}

impl Totals {
    fn add(&mut self, line: &Line) {
        self.requests += 1;
        match line.status {
            _ if line.error.is_some() => self.errors += 1,
            Some(..=399) => self.ok += 1,
            Some(UNAUTHORIZED) => self.unauthorized += 1,
            Some(_) | None => {}
        }
    }

    /// Writes the last line.
    pub(crate) fn finish(mut self, counts: Counts) -> ExitCode {
        self.refreshes = counts.refreshes;
        self.replays = counts.replayed;
        if self.unwritten.is_none() {
            self.unwritten = write(&self).err();
        }
        if let Some(error) = self.unwritten
            // A closed pipe is no failure.
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            eprintln!("error: standard output: {error}");
            return ExitCode::FAILURE;
        }
        if self.requests > 0 && self.ok == self.requests {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// A progress bar, drawn only if standard error is a terminal.
pub(crate) fn bar(requests: Option<u64>) -> ProgressBar {
    let (bar, template) = match requests {
        Some(requests) => {
            let template = "{wide_bar} {pos}/{len} requests, {rate}, {eta} left";
            (ProgressBar::new(requests), template)
        }
        None => {
            let template = "{spinner} {pos} requests, {rate}, {elapsed}";
            (ProgressBar::new_spinner(), template)
        }
    };
    let style = ProgressStyle::with_template(template).expect("the template is well-formed");
    bar.with_style(
        style.with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
            _ = write!(out, "{:.0}/s", state.per_sec());
        }),
    )
}

/// Writes a line for each outcome, until there are no more or the reader is gone.
pub(crate) fn write_all(mut outcomes: mpsc::Receiver<Outcome>, bar: &ProgressBar) -> Totals {
    let mut totals = Totals::default();
    let mut explained = HashSet::new();
    let on_a_terminal = io::stdout().is_terminal();
    while let Some(Outcome { line, because }) = outcomes.blocking_recv() {
        totals.add(&line);
        bar.inc(1);
        if let (Some(kind), Some(because)) = (&line.error, because)
            && explained.insert(kind.clone())
        {
            bar.suspend(|| eprintln!("{kind}: {because}"));
        }
        let written = if on_a_terminal {
            bar.suspend(|| write(&line))
        } else {
            write(&line)
        };
        if let Err(error) = written {
            totals.unwritten = Some(error);
            break;
        }
    }
    bar.finish_and_clear();
    totals
}

fn write(line: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(line)?;
    line.push(b'\n');
    io::stdout().lock().write_all(&line)
}
