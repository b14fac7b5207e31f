//! What a coordinator remembers, each with its states.

use std::time::Duration;

/// What is known of the access token, its expiry aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Access {
    Absent,
    Usable,
    Refused,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Phase<F> {
    Idle,
    InFlight(F),
    Resting {
        until: Duration,
    },
    /// The refresh token is refused or spent: only a sign-in helps.
    Refused,
}

/// Whether the refresh token in hand has been seen to survive its use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Known {
    Unproven,
    Reusable,
}
