//! A token that a refresh brought, until a server accepts it.
//!
//! Servers that lag behind their token server refuse a fresh token for a moment. To trade it at
//! once would bring another that they do not know either.

use std::time::Duration;

use super::rules::Rules;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Trial {
    /// Refreshes in a row whose token nobody has accepted.
    unaccepted: u8,
    /// Until when a refusal of the last of them does not count.
    until: Option<Duration>,
}

impl Trial {
    /// A refresh brought a token: 1 second for the first, and twice as long for each after it
    /// that was not accepted.
    pub(super) fn begin(&mut self, now: Duration, rules: Rules) {
        let patience = doubled(rules.fresh_token_patience, self.unaccepted);
        let patience = patience.min(rules.longest_rest);
        self.until = Some(now.saturating_add(patience));
        self.unaccepted = self.unaccepted.saturating_add(1);
    }

    /// Until when a refusal does not count, where that is not over.
    pub(super) fn lasts(self, now: Duration) -> Option<Duration> {
        self.until.filter(|until| now < *until)
    }

    /// Whether nobody has accepted the token yet.
    pub(super) const fn is_on(self) -> bool {
        self.until.is_some()
    }
}

/// Twice as long for each time.
pub(super) fn doubled(duration: Duration, times: u8) -> Duration {
    let factor = 1_u32.checked_shl(times.into()).unwrap_or(u32::MAX);
    duration.saturating_mul(factor)
}
