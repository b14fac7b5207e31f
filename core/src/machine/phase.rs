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

/// What is known of the refresh token in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Known {
    /// It was not sent, or not spent.
    Unproven,
    /// It has been seen to survive its use.
    Reusable,
    /// It was sent first at this time, and may have been spent.
    Sent(Duration),
}

impl Known {
    /// What is known once a flight which sent it at this time has ended, and its answer is lost;
    /// `None` where it may not be sent again.
    pub(super) fn lost(self, sent: Duration, now: Duration, token_use: TokenUse) -> Option<Self> {
        let again = match self {
            Self::Unproven | Self::Reusable => Self::Sent(sent),
            Self::Sent(_) => self,
        };
        match (token_use, self) {
            (TokenUse::Reusable, _) | (TokenUse::Learn, Self::Reusable) => Some(self),
            (TokenUse::RetryOnce, Self::Unproven | Self::Reusable) => Some(again),
            (TokenUse::Grace(_), _) if !again.is_spent(now, token_use) => Some(again),
            (TokenUse::Learn | TokenUse::SingleUse, _)
            | (TokenUse::RetryOnce | TokenUse::Grace(_), _) => None,
        }
    }

    /// Whether the time is over in which it could be sent again.
    pub(super) fn is_spent(self, now: Duration, token_use: TokenUse) -> bool {
        match (self, token_use) {
            (Self::Sent(first), TokenUse::Grace(grace)) => now >= first.saturating_add(grace),
            (Self::Unproven | Self::Reusable | Self::Sent(_), _) => false,
        }
    }
}
