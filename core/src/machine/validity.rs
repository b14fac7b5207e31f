//! When a token is early, and when it has expired.

use std::time::Duration;

use super::rules::Rules;

/// How long a token is accepted, as its session sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Term {
    /// When the session got it: of one that it asked for, before that.
    pub since: Duration,
    /// How long it is accepted from then on, where that is known.
    pub lifetime: Option<Duration>,
    /// How long it was accepted when it was issued, where that is known: it bounds the margins.
    pub whole: Option<Duration>,
    /// By how much of half the margin an early refresh is put off, in 256ths: drawn once for each
    /// token, so that sessions which began together do not refresh together.
    pub jitter: u8,
    /// Whether there is a way to a newer one.
    pub renewable: Renewable,
}

/// Whether there is a way from a token to a newer one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Renewable {
    /// There is.
    #[default]
    Yes,
    /// There is none: nothing came with it that could be traded.
    No,
}

impl Term {
    /// That of a token which was just issued.
    #[must_use]
    pub const fn new(since: Duration, lifetime: Option<Duration>, jitter: u8) -> Self {
        Self {
            since,
            lifetime,
            whole: lifetime,
            jitter,
            renewable: Renewable::Yes,
        }
    }
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
        let at_most = |margin: Duration, part: u32| {
            let bound = term.whole.map_or(margin, |whole| margin.min(whole / part));
            bound.min(end)
        };
        let early = |margin: Duration| {
            let margin = at_most(margin, 10);
            end - margin + margin / 512 * term.jitter.into()
        };
        Self {
            renewal: Some(end - at_most(rules.renewal, 5)),
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
