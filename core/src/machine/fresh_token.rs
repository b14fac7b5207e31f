//! The state of a token that a refresh brought, until a server accepts it.
//!
//! A resource server that lags behind its token server refuses a fresh token for a moment. A
//! refresh at that moment would bring another token that the server does not know yet.

use std::time::Duration;

use super::rules::Rules;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct FreshToken {
    /// The number of refreshes in a row that replaced a token which was refused and never accepted.
    refused: u8,
    standing: Standing,
    /// Until when a refusal of the token is ignored; `None` once a server accepted it.
    until: Option<Duration>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Standing {
    #[default]
    Untried,
    Refused,
}

impl FreshToken {
    /// Records that a refresh brought a token.
    ///
    /// Its refusals are ignored for [`Rules::fresh_token_patience`], doubled each time in a row
    /// that the token replaces one which was refused and never accepted.
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

    /// Records that a server refused the token.
    pub(super) fn refuse(&mut self) {
        if self.is_on() {
            self.standing = Standing::Refused;
        }
    }

    /// Until when a refusal is ignored, if that is in the future.
    pub(super) fn lasts(self, now: Duration) -> Option<Duration> {
        self.until.filter(|until| now < *until)
    }

    /// Whether no server has accepted the token yet.
    pub(super) const fn is_on(self) -> bool {
        self.until.is_some()
    }
}

/// The duration, doubled this many times.
pub(super) fn doubled(duration: Duration, times: u8) -> Duration {
    let factor = 1_u32.checked_shl(times.into()).unwrap_or(u32::MAX);
    duration.saturating_mul(factor)
}
