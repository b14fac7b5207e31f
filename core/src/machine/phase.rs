//! What a coordinator remembers, each with its states.

use std::time::Duration;

use super::rules::{Rules, TokenUse};

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

impl<F> Phase<F> {
    /// That after a refresh which failed for a while, in which the token server may have asked to
    /// be left alone for so long.
    pub(super) fn resting(rules: Rules, now: Duration, retry_after: Option<Duration>) -> Self {
        let rest = retry_after.unwrap_or(rules.rest);
        let until = now.saturating_add(rest.min(rules.longest_rest));
        Self::Resting { until }
    }
}

/// Whether the refresh token in hand has been seen to survive its use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Known {
    Unproven,
    Reusable,
}

impl Known {
    /// Whether it can be sent again once the server may have spent it.
    pub(super) fn is_reusable(self, token_use: TokenUse) -> bool {
        match token_use {
            TokenUse::Learn => self == Self::Reusable,
            TokenUse::SingleUse => false,
            TokenUse::Reusable => true,
        }
    }
}
