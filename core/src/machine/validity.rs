//! When a token is early, and when it has expired.

use std::time::Duration;

use super::rules::Rules;

/// Points in time; `None` where the lifetime is unknown, so that only a 401 tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Validity {
    renewal: Option<Duration>,
    early: Option<Duration>,
    end: Option<Duration>,
}

impl Validity {
    /// That of a token which lives so long from this moment.
    pub(super) fn new(since: Duration, lifetime: Option<Duration>, rules: Rules) -> Self {
        let Some(end) = lifetime.and_then(|lifetime| since.checked_add(lifetime)) else {
            return Self::default();
        };
        let lifetime = end - since;
        let early = rules.early_refresh;
        Self {
            renewal: Some(end - rules.renewal.min(lifetime / 5)),
            early: early.map(|margin| end - margin.min(lifetime / 10)),
            end: Some(end),
        }
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
