//! Progress on standard error. It draws only when called and has no thread, so that nothing runs
//! beside what is measured.

use indicatif::{ProgressBar, ProgressStyle};

pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(figure: &'static str, steps: usize) -> Self {
        let bar = ProgressBar::new(steps as u64);
        if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:20} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(figure);
        Self(bar)
    }

    /// Starts the next step.
    pub(crate) fn next(&self, step: &'static str) {
        self.0.set_message(step);
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
