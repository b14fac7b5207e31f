//! Errors, in one line.

use std::error::Error;

/// An error and its causes.
pub(crate) fn explain(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line += &format!(": {error}");
        cause = error.source();
    }
    line
}
