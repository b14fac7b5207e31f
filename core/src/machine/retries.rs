//! When a refresh that may be asked for again is, within its flight.
//!
//! At most twice, and while the flight's time lasts: who waits for it waits on.

use std::time::Duration;

use super::coordinator::Again;
use super::rules::Rules;

/// The time that a try must have, where its flight has as much.
pub(crate) const SHORTEST_TRY: Duration = Duration::from_secs(5);

/// How often one flight has tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Retries {
    left: u8,
    pause: Duration,
    /// The time that the next try must have.
    needed: Duration,
}

impl Retries {
    /// Those of a flight that has not tried yet, and has so much time for its tries.
    #[must_use]
    pub fn new(rules: Rules, time: Duration) -> Self {
        Self {
            left: rules.retries.min(2),
            pause: rules.rest,
            needed: SHORTEST_TRY.min(time / 2),
        }
    }

    /// Whether a try may begin with so much time left: a flight that nobody drove may have come to
    /// it late.
    #[must_use]
    pub fn may_begin(&self, left: Duration) -> bool {
        self.needed <= left
    }

    /// How long to pause before the next try; `None` where there is none, and the flight lands.
    ///
    /// `again` is the coordinator's word on the refresh token
    /// ([`Coordinator::answered`](super::Coordinator::answered)),
    /// `retry_after` is how long the token server asks to be left alone, `took` how long this try
    /// took, `left` how much time the flight has. Where the server says nothing, each pause is
    /// twice the one before.
    ///
    /// A try that its deadline cuts off may have been processed, so none begins that may be cut.
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
