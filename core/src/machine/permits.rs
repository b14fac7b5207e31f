//! How many refreshes may depart in a window.
//!
//! A server that refuses every new token must not make a session ask for thousands.

use std::time::Duration;

use super::rules::Rules;

/// Counts departures in windows that begin with their first one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Permits {
    /// Where the last window ends, and what departed in it.
    ends: Duration,
    used: u32,
}

impl Permits {
    /// Takes a permit, or says when there will be one.
    pub(super) fn take(&mut self, now: Duration, rules: Rules) -> Result<(), Duration> {
        if now >= self.ends {
            *self = Self {
                ends: now.saturating_add(rules.refresh_window),
                used: 0,
            };
        }
        if self.used >= rules.refresh_limit {
            return Err(self.ends);
        }
        self.used += 1;
        Ok(())
    }
}
