//! When a refresh that may be asked for again is, within its flight.
//!
//! At most twice, and while the flight's time lasts: who waits for it waits on.

use std::time::Duration;

use super::flights::Again;
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
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn retries() -> Retries {
        Retries::new(Rules::default(), 24 * SECOND)
    }

    const TRANSIENT: Again = Again::AfterAPause;

    #[test]
    fn promise_11_a_refresh_that_was_not_processed_is_tried_again_twice() {
        let mut retries = retries();
        let mut again = |left: u32| retries.again(TRANSIENT, None, SECOND, left * SECOND);
        assert_eq!(again(60), Some(SECOND));
        assert_eq!(again(59), Some(2 * SECOND));
        assert_eq!(again(57), None);
        let rules = Rules {
            retries: 9,
            ..Rules::default()
        };
        assert_eq!(
            Retries::new(rules, 24 * SECOND),
            Retries::new(Rules::default(), 24 * SECOND)
        );
    }

    #[test]
    fn promise_11_the_server_says_when_and_the_deadline_says_until_when() {
        let mut retries = retries();
        let asked = Some(7 * SECOND);
        assert_eq!(retries.again(TRANSIENT, asked, SECOND, 11 * SECOND), None);
        assert_eq!(retries.again(TRANSIENT, asked, SECOND, 12 * SECOND), asked);
        let for_ever = Some(Duration::MAX);
        assert_eq!(
            retries.again(TRANSIENT, for_ever, SECOND, 60 * SECOND),
            None
        );
    }

    #[test]
    fn promise_9_no_try_begins_that_the_deadline_may_cut() {
        // No connection within ten seconds, again and again.
        let took = 10 * SECOND;
        let mut retries = retries();
        assert_eq!(
            retries.again(TRANSIENT, None, took, 14 * SECOND),
            Some(SECOND)
        );
        assert_eq!(retries.again(TRANSIENT, None, took, 3 * SECOND), None);
    }

    #[test]
    fn promise_9_no_try_begins_late_that_the_deadline_may_cut() {
        let mut retries = retries();
        assert!(retries.may_begin(5 * SECOND) && !retries.may_begin(4 * SECOND));
        let took = 10 * SECOND;
        assert!(retries.again(TRANSIENT, None, took, 14 * SECOND).is_some());
        assert!(retries.may_begin(took) && !retries.may_begin(9 * SECOND));
        let short = Retries::new(Rules::default(), SECOND);
        assert!(short.may_begin(SECOND / 2) && !short.may_begin(SECOND / 3));
    }

    #[test]
    fn promise_9_what_may_not_be_sent_again_is_not_tried_again() {
        assert_eq!(retries().again(Again::No, None, SECOND, 60 * SECOND), None);
    }
}
