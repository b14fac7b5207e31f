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
    /// Events come once, and in order.
    Events,
}

impl Violation {
    pub(crate) const fn new(promise: Promise, why: String) -> Self {
        Self { promise, why }
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
