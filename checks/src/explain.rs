//! Errors in one line.

use std::error::Error;

/// The error and its sources, joined by colons.
pub(crate) fn explain(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line += &format!(": {error}");
        cause = error.source();
    }
    line
}
