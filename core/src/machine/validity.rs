//! When a token is early, and when it has expired.

use std::time::Duration;

use super::rules::Rules;

/// How long a token is accepted, as its session sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Term {
    /// When its lifetime began: before it was asked for.
    pub since: Duration,
    /// How long it is accepted, where that is known.
    pub lifetime: Option<Duration>,
    /// By how much of half the margin an early refresh is put off, in 256ths: drawn once for each
    /// token, so that sessions which began together do not refresh together.
    pub jitter: u8,
}

/// Points in time; `None` where the lifetime is unknown, so that only a 401 tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Validity {
    renewal: Option<Duration>,
    early: Option<Duration>,
    end: Option<Duration>,
}

impl Validity {
    pub(super) fn new(term: Term, rules: Rules) -> Self {
        let lifetime = term.lifetime.unwrap_or(Duration::MAX);
        let Some(end) = term.since.checked_add(lifetime) else {
            return Self::default();
        };
        let early = |margin: Duration| {
            let margin = margin.min(lifetime / 10);
            end - margin + margin / 512 * term.jitter.into()
        };
        Self {
            renewal: Some(end - rules.renewal.min(lifetime / 5)),
            early: rules.early_refresh.map(early),
            end: Some(end),
        }
    }

    pub(super) const fn end(self) -> Option<Duration> {
        self.end
    }

    pub(super) fn has_expired(self, now: Duration) -> bool {
        self.end.is_some_and(|end| now >= end)
    }

    /// Whether it is about to end for a request that can be sent once.
    pub(super) fn is_ending(self, now: Duration) -> bool {
        self.renewal.is_some_and(|renewal| now >= renewal)
    }

    pub(super) fn is_early(self, now: Duration) -> bool {
        self.early.is_some_and(|early| now >= early)
    }
}
