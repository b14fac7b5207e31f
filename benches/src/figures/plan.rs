//! What is measured, and how thoroughly.

use crate::contender::Contender;
use crate::target::Target;

/// What a figure has to go by.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) target: Target,
    /// Each behind its baseline.
    pub(crate) contenders: Vec<&'static Contender>,
    pub(crate) effort: Effort,
}

/// How often everything is done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Effort {
    Quick,
    Full,
}

impl Effort {
    /// One of two, by the effort.
    pub(crate) fn pick<T>(self, quick: T, full: T) -> T {
        match self {
            Self::Quick => quick,
            Self::Full => full,
        }
    }
}
