//! When a token is refreshed, and when it has expired.

use std::time::Duration;

use super::rules::Rules;

/// How long a token is accepted, as the session knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Term {
    /// When the lifetime begins: when the session got the token or, for a token from a refresh,
    /// when its token request began.
    pub since: Duration,
    /// When the session got the token. The server issued it between `since` and then.
    pub received: Duration,
    /// How long the token is accepted once it is issued, if known.
    pub lifetime: Option<Duration>,
    /// The whole lifetime of the token when it was issued, if known. It bounds the margins.
    pub whole: Option<Duration>,
    /// The delay of the early refresh, in 256ths of half its margin. It is random for each token,
    /// so that sessions which began together do not refresh together.
    pub jitter: u8,
    /// Whether the session can get a newer token.
    pub renewable: Renewable,
}

/// Whether a token can be replaced by a refresh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Renewable {
    /// It can.
    #[default]
    Yes,
    /// It cannot: for instance, it came without a refresh token.
    No,
}

impl Term {
    /// The term of a token that was issued and received at this time.
    #[must_use]
    pub const fn new(since: Duration, lifetime: Option<Duration>, jitter: u8) -> Self {
        Self {
            since,
            received: since,
            lifetime,
            whole: lifetime,
            jitter,
            renewable: Renewable::Yes,
        }
    }
}

/// The times that a term leads to; `None` if the lifetime is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Validity {
    renewal: Option<Duration>,
    early: Option<Duration>,
    /// From here on it may have expired, and from `over` on it has.
    end: Option<Duration>,
    over: Option<Duration>,
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
            over: term.received.checked_add(lifetime),
        }
    }

    pub(super) const fn end(self) -> Option<Duration> {
        self.end
    }

    pub(super) fn has_expired(self, now: Duration) -> bool {
        self.end.is_some_and(|end| now >= end)
    }

    /// Whether the token has expired even if the server issued it as late as possible.
    pub(super) fn is_over(self, now: Duration) -> bool {
        self.over.is_some_and(|over| now >= over)
    }

    /// Whether the token must be renewed before it signs a request that can be sent only once.
    pub(super) fn is_ending(self, now: Duration) -> bool {
        self.renewal.is_some_and(|renewal| now >= renewal)
    }

    pub(super) fn is_early(self, now: Duration) -> bool {
        self.early.is_some_and(|early| now >= early)
    }
}
