//! The result of a case.

use std::error::Error;
use std::fmt;

/// The result of a case: nothing, or the violation it found.
pub type Outcome<T = ()> = Result<T, Violation>;

/// What a case expected and what it got instead.
///
/// `?` turns any error into a violation, with its sources.
pub struct Violation(String);

impl Violation {
    pub(crate) fn new(seen: impl Into<String>) -> Self {
        Self(seen.into())
    }

    /// Adds the part of the case in which it occurred.
    pub(crate) fn at(self, part: impl fmt::Display) -> Self {
        Self(format!("{part}: {self}"))
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: Error> From<E> for Violation {
    fn from(error: E) -> Self {
        Self(format!("unexpected error: {}", chain(&error)))
    }
}

/// The texts of an error and its sources.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// Fails the case with this message unless the condition holds.
macro_rules! ensure {
    ($holds:expr, $($seen:tt)+) => {
        if !$holds {
            return Err($crate::Violation::new(format!($($seen)+)));
        }
    };
}

/// Fails the case if the two values differ.
macro_rules! ensure_eq {
    ($seen:expr, $promised:expr, $($what:tt)+) => {
        // A match, so that temporaries live long enough.
        match (&$seen, &$promised) {
            (seen, promised) if seen == promised => {}
            (seen, promised) => {
                let what = format!($($what)+);
                let difference = format!("{what}: expected {promised:?}, got {seen:?}");
                return Err($crate::Violation::new(difference));
            }
        }
    };
}

pub(crate) use {ensure, ensure_eq};
