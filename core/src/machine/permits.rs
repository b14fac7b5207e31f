//! How many refreshes may depart in a window.
//!
//! A server that refuses every new token must not make a session ask for thousands.

use std::collections::VecDeque;
use std::time::Duration;

use super::rules::Rules;

/// Remembers the departures of the last window, wherever that begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Permits {
    departures: VecDeque<Duration>,
}

impl Permits {
    /// Takes a permit, or says when there will be one.
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
