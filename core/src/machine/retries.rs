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

/// The pauses of a flight that waits until another session has traded the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Waits {
    longest: Duration,
    pause: Duration,
}

/// The first pause, and the longest one.
pub(crate) const SHORTEST_WAIT: Duration = Duration::from_millis(50);
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// How long a flight waits beyond the limit of its own claims, so that it sees those of others
/// judged lost.
pub(crate) const BEYOND_THE_LIMIT: Duration = Duration::from_secs(3);

/// The pause after a claim took the place of a lost one: if its holder commits only now, a look
/// finds it.
pub const TAKEOVER_PAUSE: Duration = Duration::from_millis(200);

impl Waits {
    /// The waits of a flight of a session whose own claims have this limit.
    #[must_use]
    pub const fn new(limit: Duration) -> Self {
        Self {
            longest: limit.saturating_add(BEYOND_THE_LIMIT),
            pause: SHORTEST_WAIT,
        }
    }

    /// The pause before the next look, shortened by `jitter / 256` of its half; `None` if the
    /// flight has waited for long enough.
    ///
    /// `waited` is how long it has waited, and `lost_in` when the other session's claim is judged
    /// lost. Each pause is twice the one before.
    pub fn next(&mut self, waited: Duration, lost_in: Duration, jitter: u8) -> Option<Duration> {
        let left = self
            .longest
            .checked_sub(waited)
            .filter(|left| !left.is_zero())?;
        let pause = self.pause - self.pause / 512 * jitter.into();
        self.pause = self.pause.saturating_mul(2).min(LONGEST_WAIT);
        Some(pause.min(lost_in).min(left))
    }
}

#[cfg(test)]
mod tests;
