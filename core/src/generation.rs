//! The number that distinguishes an old token from a new one.

use std::fmt;

/// Counts the replacements of a session's token: refreshes, sign-ins and sign-outs alike.
///
/// Each attempt carries the generation of the token it was signed with. When it is refused, the
/// session compares that generation with its current one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(u64);

impl Generation {
    /// The generation of a session's first token.
    pub const FIRST: Self = Self(0);

    /// The generation after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The number, for metrics and logs: 0 for [`FIRST`](Self::FIRST).
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
