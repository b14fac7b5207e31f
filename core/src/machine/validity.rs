//! When a token is early, and when it has expired.

use std::time::Duration;

/// Two points in time; `None` where the lifetime is unknown, so that only a 401 tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Validity {
    early: Option<Duration>,
    end: Option<Duration>,
}

impl Validity {
    /// That of a token which lives so long from this moment.
    pub(super) fn new(
        since: Duration,
        lifetime: Option<Duration>,
        early: Option<Duration>,
    ) -> Self {
        let Some(end) = lifetime.and_then(|lifetime| since.checked_add(lifetime)) else {
            return Self::default();
        };
        let tenth = (end - since) / 10;
        Self {
            early: early.map(|margin| end - margin.min(tenth)),
            end: Some(end),
        }
    }

    pub(super) fn has_expired(self, now: Duration) -> bool {
        self.end.is_some_and(|end| now >= end)
    }

    pub(super) fn is_early(self, now: Duration) -> bool {
        self.early.is_some_and(|early| now >= early)
    }
}
