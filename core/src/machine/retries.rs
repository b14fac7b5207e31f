//! When a flight sends its token request again.
//!
//! It does so at most twice, and only within its own time limit, while its requests wait.

use std::time::Duration;

use super::coordinator::Again;
use super::rules::Rules;

/// The time that must be left for a try. For the first one, at most half the flight's time.
pub(crate) const SHORTEST_TRY: Duration = Duration::from_secs(5);

/// The remaining tries of one flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Retries {
    left: u8,
    pause: Duration,
    /// The time that must be left for the next try.
    needed: Duration,
}

impl Retries {
    /// The tries of a new flight that has this much time for them.
    #[must_use]
    pub fn new(rules: Rules, time: Duration) -> Self {
        Self {
            left: rules.retries.min(2),
            pause: rules.rest,
            needed: SHORTEST_TRY.min(time / 2),
        }
    }

    /// Whether a try may begin with this much time left. A flight that was not polled for a while
    /// may begin late.
    #[must_use]
    pub fn may_begin(&self, left: Duration) -> bool {
        self.needed <= left
    }

    /// The pause before the next try; `None` if there is no next try, and the flight lands.
    ///
    /// `again` is the answer of [`Coordinator::call_failed`](super::Coordinator::call_failed),
    /// `retry_after` the `Retry-After` of the token server, `took` the duration of this try and
    /// `left` the time that the flight has left. Without a `Retry-After`, each pause is twice the
    /// one before.
    ///
    /// A try that the time limit cuts off may have been processed, so a try begins only if it can
    /// be expected to end in time.
    pub fn again(
        &mut self,
        again: Again,
        retry_after: Option<Duration>,
        took: Duration,
        left: Duration,
    ) -> Option<Duration> {
        let asked = retry_after.filter(|asked| !asked.is_zero());
        let pause = asked.unwrap_or(self.pause);
        let needed = took.max(SHORTEST_TRY);
        if again == Again::No || self.left == 0 || pause.saturating_add(needed) > left {
            return None;
        }
        self.left -= 1;
        self.needed = needed;
        self.pause = self.pause.saturating_mul(2);
        Some(pause)
    }
}

#[cfg(test)]
mod tests;
