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
mod tests {
    use super::*;

    #[test]
    fn a_window_slides_so_that_none_has_more_departures_than_its_limit() {
        let rules = Rules::default();
        let mut permits = Permits::default();
        let mut departed = Vec::new();
        let tick = Duration::from_millis(100);
        for now in (0..600).map(|n| n * tick) {
            // As many as are to be had, in bursts and one by one.
            match permits.take(now, rules) {
                Ok(()) => departed.push(now),
                Err(until) => assert!(until > now),
            }
        }
        for start in &departed {
            let within = |at: &&Duration| (*start..*start + rules.refresh_window).contains(*at);
            let departures = departed.iter().filter(within).count();
            assert!(departures <= rules.refresh_limit as usize, "{start:?}");
        }
        // 20 at once, and 20 more each time the first of them is 10 seconds old.
        assert_eq!(departed.len(), 6 * rules.refresh_limit as usize);
    }
}
