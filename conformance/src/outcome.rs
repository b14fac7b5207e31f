//! What a case comes to.

use std::error::Error;
use std::fmt;

/// What a case comes to: nothing, or what was seen in the place of what was promised.
pub type Outcome<T = ()> = Result<T, Violation>;

/// What a case saw in the place of what was promised.
///
/// Any error becomes one with `?`, its sources included.
pub struct Violation(String);

impl Violation {
    pub(crate) fn new(seen: impl Into<String>) -> Self {
        Self(seen.into())
    }

    /// The same, with the part of the case where it was seen.
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
        Self(format!(
            "an error that is none of the case's: {}",
            chain(&error)
        ))
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

/// Ends the case where the condition does not hold; the rest says what was seen.
macro_rules! ensure {
    ($holds:expr, $($seen:tt)+) => {
        if !$holds {
            return Err($crate::Violation::new(format!($($seen)+)));
        }
    };
}

/// Ends the case where the two differ.
macro_rules! ensure_eq {
    ($seen:expr, $promised:expr, $($what:tt)+) => {
        // A match, so that what is borrowed lives as long as it is needed.
        match (&$seen, &$promised) {
            (seen, promised) if seen == promised => {}
            (seen, promised) => {
                let what = format!($($what)+);
                let difference = format!("{what}: promised {promised:?}, seen {seen:?}");
                return Err($crate::Violation::new(difference));
            }
        }
    };
}

pub(crate) use {ensure, ensure_eq};
