//! How far a program is: a bar on standard error where that is a terminal, else nothing.

use indicatif::{ProgressBar, ProgressStyle};

pub(crate) fn bar(sessions: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} sessions, {elapsed}")
        .expect("the template is well-formed");
    ProgressBar::new(sessions as u64).with_style(style)
}

/// A line on standard output, past the bar.
pub(crate) fn print(bar: &ProgressBar, line: &str) {
    bar.suspend(|| println!("{line}"));
}
