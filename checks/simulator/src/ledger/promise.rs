//! The promises that a run can break.

use std::fmt;

/// A broken promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which one.
    pub promise: Promise,
    why: String,
}

/// The promises that a run can break, by their numbers in the list of guarantees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Promise {
    /// Two attempts at one hop of a request, and one at each other.
    P1,
    /// One refresh at a time.
    P2,
    /// No replay under another identity.
    P3,
    /// A new request carries no token that is known to be refused or expired.
    P5,
    /// Every future ends.
    P7,
    /// Nothing panics or runs for ever.
    P8,
    /// A refresh token is sent as often as its use allows.
    P9,
    /// The newest token is in the store.
    P10,
    /// A session that was not told to sign in again is served.
    P11,
    /// The last word in the store is that of the last sign-in or sign-out.
    P13,
    /// A refused answer that is returned says why.
    P14,
    /// A replayed body is the same.
    P16,
    /// The token goes to the session's origins only.
    P17,
    /// One credential header.
    P18,
    /// Over all holders, a refresh token is sent as often as its use allows.
    P23,
    /// A durable claim comes before every call.
    P24,
    /// What is older than a holder has seen takes the place of nothing, and what it has traded is
    /// never sent again.
    P25,
    /// Events come once, and in order.
    Events,
}

impl Violation {
    pub(crate) const fn new(promise: Promise, why: String) -> Self {
        Self { promise, why }
    }
}

impl Promise {
    /// Whether it holds over a store that has lost what was written.
    pub(crate) const fn outlasts_a_restore(self) -> bool {
        match self {
            Self::P1
            | Self::P2
            | Self::P7
            | Self::P8
            | Self::P14
            | Self::P16
            | Self::P17
            | Self::P18
            | Self::P25
            | Self::Events => true,
            Self::P3
            | Self::P5
            | Self::P9
            | Self::P10
            | Self::P11
            | Self::P13
            | Self::P23
            | Self::P24 => false,
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = format!("{self:?}");
        match name.strip_prefix('P') {
            Some(number) => write!(f, "promise {number}"),
            None => f.write_str("events"),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promise, self.why)
    }
}
