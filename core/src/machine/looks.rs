//! When a session that has ended looks at its store: another holder may have signed in.

use std::time::Duration;

/// The looks of a session that is signed out, or whose refresh token was refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Looks {
    next: Duration,
    times: u8,
}

pub(crate) const SHORTEST: Duration = Duration::from_secs(1);
pub(crate) const LONGEST: Duration = Duration::from_secs(30);

impl Looks {
    /// Whether the session may look now: the first time at once, then after a second, which
    /// doubles up to 30.
    pub(super) fn are_due(self, now: Duration) -> bool {
        now >= self.next
    }

    pub(super) fn begin(&mut self, now: Duration) {
        let pause = super::fresh_token::doubled(SHORTEST, self.times).min(LONGEST);
        self.next = now.saturating_add(pause);
        self.times = self.times.saturating_add(1);
    }

    /// Whether the session has ended, and has looked since.
    pub(super) const fn have_begun(self) -> bool {
        self.times > 0
    }
}
