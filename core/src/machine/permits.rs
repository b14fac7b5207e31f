//! How many refreshes may depart in a window.
//!
//! A server that refuses every new token must not make a session ask for thousands.

use std::time::Duration;

/// Counts departures in windows that begin with their first one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Permits {
    /// Where the last window ends, and what departed in it.
    ends: Duration,
    used: u32,
}

impl Permits {
    /// Takes a permit, or says when there will be one.
    pub(super) fn take(
        &mut self,
        now: Duration,
        limit: u32,
        window: Duration,
    ) -> Result<(), Duration> {
        if now >= self.ends {
            *self = Self {
                ends: now.saturating_add(window),
                used: 0,
            };
        }
        if self.used >= limit {
            return Err(self.ends);
        }
        self.used += 1;
        Ok(())
    }
}
