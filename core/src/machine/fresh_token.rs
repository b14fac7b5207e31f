//! A token that a refresh brought, until a server accepts it.
//!
//! Servers that lag behind their token server refuse a fresh token for a moment. To trade it at
//! once would bring another that they do not know either.

use std::time::Duration;

use super::rules::Rules;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct FreshToken {
    /// Refreshes in a row that replaced a token which was refused before anybody accepted it.
    refused: u8,
    standing: Standing,
    /// Until when a refusal of the last of them does not count.
    until: Option<Duration>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Standing {
    #[default]
    Untried,
    Refused,
}

impl FreshToken {
    /// A refresh brought a token: 1 second, and twice as long each time that it replaces one which
    /// was refused and never accepted.
    pub(super) fn begin(&mut self, now: Duration, rules: Rules) {
        self.refused = match self.standing {
            Standing::Refused => self.refused.saturating_add(1),
            Standing::Untried => 0,
        };
        let patience = doubled(rules.fresh_token_patience, self.refused);
        let patience = patience.min(rules.longest_rest);
        self.until = Some(now.saturating_add(patience));
        self.standing = Standing::Untried;
    }

    /// A server refused the token.
    pub(super) fn refuse(&mut self) {
        if self.is_on() {
            self.standing = Standing::Refused;
        }
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
