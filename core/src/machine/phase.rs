//! The parts of a coordinator's state.

use std::time::Duration;

use super::coordinator::messages::{RefreshTokenChange, Rest};
use super::fresh_token::doubled;
use super::holder::Sent;
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
    /// The phase after a failed refresh that may be tried again, and `failures` others in a row
    /// before it.
    ///
    /// The rest is the `Retry-After` of the token server. Without one, it is twice the rest before,
    /// shortened by up to half, so that sessions which failed together do not retry together.
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

/// What is known about a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Known {
    /// It was not sent, or was not processed.
    Unproven,
    /// A refresh has used it, and the server kept it.
    Reusable,
    /// It was sent this many times, first at this time or later, and may be spent.
    Sent { first: Option<Duration>, times: u8 },
}

impl Known {
    /// What is known once the token is sent.
    pub(super) fn sent(self, now: Duration, token_use: TokenUse) -> Self {
        match (self, token_use) {
            (_, TokenUse::Reusable) | (Self::Reusable, TokenUse::Learn) => self,
            (Self::Unproven | Self::Reusable, _) => Self::Sent {
                first: Some(now),
                times: 1,
            },
            (Self::Sent { first, times }, _) => Self::Sent {
                first,
                times: times.saturating_add(1),
            },
        }
    }

    /// What is known if the last call was not processed.
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

    /// Whether the token may be sent now.
    pub(super) fn may_be_sent(self, now: Duration, token_use: TokenUse, at_risk: AtRisk) -> bool {
        match (self, token_use) {
            (Self::Sent { .. }, TokenUse::Learn) => {
                at_risk == AtRisk::Nothing && self.has_another_use(now, token_use)
            }
            _ => self.has_another_use(now, token_use),
        }
    }

    /// Whether the token may be sent now or later.
    pub(super) fn has_another_use(self, now: Duration, token_use: TokenUse) -> bool {
        match (self, token_use) {
            (Self::Unproven | Self::Reusable, _) | (Self::Sent { .. }, TokenUse::Reusable) => true,
            (Self::Sent { times, .. }, TokenUse::Learn) => times < 2,
            (Self::Sent { first, .. }, TokenUse::Grace(grace)) => {
                first.is_some_and(|first| now < first.saturating_add(grace))
            }
            (Self::Sent { .. }, TokenUse::SingleUse) => false,
        }
    }

    /// Until when the token, which is about to be sent, must have left; `None` if that does not
    /// matter.
    pub(super) fn send_before(self, token_use: TokenUse) -> Option<Duration> {
        match (self, token_use) {
            (Self::Sent { first, times }, TokenUse::Grace(grace)) if times > 1 => {
                first.map(|first| first.saturating_add(grace))
            }
            _ => None,
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

/// What is known about the refresh token that was sent last, and about the one before.
///
/// The token that is sent can differ from the one that the session holds: another process may have
/// put it in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Knowledge {
    pub(super) known: Known,
    of: Option<RefreshTokenId>,
    before: Option<(RefreshTokenId, Known)>,
    /// The strictest use of all sessions that share the token.
    shared_use: Option<TokenUse>,
}

/// Identifies a refresh token. It reveals nothing else about the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefreshTokenId(pub u64);

impl Default for Knowledge {
    fn default() -> Self {
        Self {
            known: Known::Unproven,
            of: None,
            before: None,
            shared_use: None,
        }
    }
}

impl Knowledge {
    /// What all sessions that share this token know of it.
    pub(super) fn share(&mut self, id: RefreshTokenId, sent: Sent) {
        self.switch_to(id);
        self.shared_use = Some(sent.token_use);
        let times = u8::try_from(sent.sends).unwrap_or(u8::MAX);
        let first = sent.not_before;
        self.known = match (times, sent.token_use) {
            (_, use_) if sent.reusable && use_ != TokenUse::SingleUse => Known::Reusable,
            (0, _) => Known::Unproven,
            (times, _) => Known::Sent { first, times },
        };
    }

    /// How the token may be used.
    pub(super) fn token_use(&self, rules: Rules) -> TokenUse {
        self.shared_use.unwrap_or(rules.token_use)
    }

    /// Makes this token the current one, and remembers the one before.
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

    /// Records that a refresh kept the token, or brought another one.
    pub(super) fn refreshed(&mut self, refresh_token: RefreshTokenChange) {
        match refresh_token {
            RefreshTokenChange::Kept => self.known = Known::Reusable,
            RefreshTokenChange::Replaced => *self = Self::default(),
            RefreshTokenChange::Adopted(id) => self.switch_to(id),
            RefreshTokenChange::AdoptedWithSame(id) => {
                self.switch_to(id);
                self.known = Known::Reusable;
            }
        }
    }
}

/// What the session could lose if it sent a refresh token that may be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtRisk {
    /// The access token, which an origin may still accept.
    AccessToken,
    /// Nothing: the access token has expired, or every origin in use refuses it.
    Nothing,
}
