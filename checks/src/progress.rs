//! Progress of a program: a bar on standard error if that is a terminal, otherwise nothing.

use std::io::{self, Write as _};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for this many of something, such as `sessions`.
pub(crate) fn bar(many: usize, of_what: &str) -> ProgressBar {
    let template = format!("{{wide_bar}} {{pos}}/{{len}} {of_what}, {{elapsed}} {{msg}}");
    let style = ProgressStyle::with_template(&template).expect("the template is well-formed");
    ProgressBar::new(many as u64).with_style(style)
}

/// Prints a line on standard output without disturbing the bar.
///
/// An error is ignored: the reader of a pipe may have gone, as `head` does.
pub(crate) fn print(bar: &ProgressBar, line: &str) {
    bar.suspend(|| self::line(line));
}

/// Prints a line on standard output, where no bar is. An error is ignored, as in [`print()`].
pub(crate) fn line(line: &str) {
    _ = writeln!(io::stdout(), "{line}");
}
