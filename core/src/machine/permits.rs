//! The limit of refreshes in a sliding window.
//!
//! A server that refuses every new token must not cause thousands of refreshes.

use std::collections::VecDeque;
use std::time::Duration;

use super::rules::Rules;

/// The times of the departures within the last window, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Permits {
    departures: VecDeque<Duration>,
}

impl Permits {
    /// Takes a permit. The error is the time at which the next one is available.
    pub(super) fn take(&mut self, now: Duration, rules: Rules) -> Result<(), Duration> {
        let ends = |departure: &Duration| departure.saturating_add(rules.refresh_window);
        while self
            .departures
            .front()
            .is_some_and(|first| now >= ends(first))
        {
            self.departures.pop_front();
        }
        if self.departures.len() >= rules.refresh_limit as usize {
            return Err(self.departures.front().map_or(now, ends));
        }
        self.departures.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
