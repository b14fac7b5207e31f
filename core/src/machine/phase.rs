//! What a coordinator remembers, each with its states.

use std::time::Duration;

use super::coordinator::messages::{RefreshToken, Rest};
use super::fresh_token::doubled;
use super::rules::{Rules, TokenUse};

/// Whether the session has a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Access {
    Absent,
    Held,
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
    /// After a refresh that failed for a while, and this number of others right before it.
    ///
    /// It rests as long as the token server asks for, else twice as long as the time before, up to
    /// half of it left out so that sessions which failed together do not ask together.
    pub(super) fn resting(rules: Rules, now: Duration, rest: Rest, failures: u8) -> Self {
        let own = || {
            let rest_of_all = doubled(rules.rest, failures).min(rules.longest_rest);
            rest_of_all - rest_of_all / 512 * rest.jitter.into()
        };
        let asked = rest.retry_after.filter(|asked| !asked.is_zero());
        let rest = asked.unwrap_or_else(own);
        let until = now.saturating_add(rest.min(rules.longest_rest));
        Self::Resting { until }
    }
}

/// What is known of the refresh token in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Known {
    /// It was not sent, or not processed.
    Unproven,
    /// It has been seen to survive its use.
    Reusable,
    /// It was sent so often, first at this time, and may have been spent.
    Sent { first: Duration, times: u8 },
}

impl Known {
    /// It is sent.
    pub(super) fn sent(self, now: Duration, token_use: TokenUse) -> Self {
        match (self, token_use) {
            (_, TokenUse::Reusable) | (Self::Reusable, TokenUse::Learn) => self,
            (Self::Unproven | Self::Reusable, _) => Self::Sent {
                first: now,
                times: 1,
            },
            (Self::Sent { first, times }, _) => Self::Sent {
                first,
                times: times.saturating_add(1),
            },
        }
    }

    /// What was sent last was not processed.
    pub(super) const fn not_processed(self) -> Self {
        match self {
            Self::Sent { first, times } if times > 1 => Self::Sent {
                first,
                times: times - 1,
            },
            Self::Sent { .. } | Self::Unproven => Self::Unproven,
            Self::Reusable => Self::Reusable,
        }
    }

    /// Whether it may be sent now.
    pub(super) fn may_be_sent(self, now: Duration, token_use: TokenUse, stake: Stake) -> bool {
        match (self, token_use) {
            (Self::Sent { .. }, TokenUse::Learn) => {
                stake == Stake::Nothing && self.has_another_use(now, token_use)
            }
            _ => self.has_another_use(now, token_use),
        }
    }

    /// Whether it may ever be sent again.
    pub(super) fn has_another_use(self, now: Duration, token_use: TokenUse) -> bool {
        match (self, token_use) {
            (Self::Unproven | Self::Reusable, _) | (Self::Sent { .. }, TokenUse::Reusable) => true,
            (Self::Sent { times, .. }, TokenUse::Learn) => times < 2,
            (Self::Sent { first, .. }, TokenUse::Grace(grace)) => now < first.saturating_add(grace),
            (Self::Sent { .. }, TokenUse::SingleUse) => false,
        }
    }

    /// Whether a lost answer costs nothing.
    pub(super) fn is_reusable(self, token_use: TokenUse) -> bool {
        matches!(
            (self, token_use),
            (_, TokenUse::Reusable) | (Self::Reusable, TokenUse::Learn)
        )
    }
}

/// What is known of the refresh token that was sent last, and of the one before.
///
/// What is sent need not be what the session holds: somebody else may have left another in the
/// store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Knowledge {
    pub(super) known: Known,
    of: Option<RefreshTokenId>,
    before: Option<(RefreshTokenId, Known)>,
}

/// Tells one refresh token from another, and says nothing else of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefreshTokenId(pub u64);

impl Default for Knowledge {
    fn default() -> Self {
        Self {
            known: Known::Unproven,
            of: None,
            before: None,
        }
    }
}

impl Knowledge {
    /// From here on it is about this token.
    pub(super) fn switch_to(&mut self, id: RefreshTokenId) {
        match self.of.replace(id) {
            Some(other) if other != id => {
                let known = match self.before {
                    Some((before, known)) if before == id => known,
                    Some(_) | None => Known::Unproven,
                };
                self.before = Some((other, std::mem::replace(&mut self.known, known)));
            }
            Some(_) | None => {}
        }
    }

    /// A refresh kept the token, or replaced it by one of which nothing is known.
    pub(super) fn refreshed(&mut self, refresh_token: RefreshToken) {
        match refresh_token {
            RefreshToken::Kept => self.known = Known::Reusable,
            RefreshToken::Replaced => *self = Self::default(),
        }
    }
}

/// What a refresh token that may have been spent could still cost, if it were sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stake {
    /// The access token, which a server may still accept.
    AccessToken,
    /// Nothing: it has expired, or every origin in use refuses it.
    Nothing,
}
