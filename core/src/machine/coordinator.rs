//! One session's token: who may send with it, and who refreshes it.
//!
//! It decides whether a request goes, waits, joins a flight or departs one, and whether a
//! landing counts. It never knows a request, a socket, a clock or a token's bytes.

mod changes;

use std::time::Duration;

use super::flights::{Admission, Entry, Sendable, Wait};
use super::permits::Permits;
use super::phase::{Access, Known, Phase};
use super::rules::Rules;
use super::validity::{Term, Validity};
use crate::Generation;

/// The token of one session, and the flight that may be up to replace it.
///
/// `F` is a handle on a *flight*, a refresh in progress: a shared future in the driver, a number
/// in a model. A flight *lands* itself, once; whoever waits only looks at the result. Time is a
/// [`Duration`] since some fixed moment, and never goes back.
#[doc = include_str!("../../docs/coordinator.md")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Coordinator<F> {
    rules: Rules,
    generation: Generation,
    /// The generation of the last sign-in or sign-out.
    fence: Generation,
    access: Access,
    validity: Validity,
    phase: Phase<F>,
    permits: Permits,
    refresh_token: Known,
}

impl<F: Clone> Coordinator<F> {
    /// A session that has a token, accepted for so long.
    #[must_use]
    pub fn signed_in(rules: Rules, term: Term) -> Self {
        Self {
            access: Access::Usable,
            validity: Validity::new(term, rules),
            ..Self::signed_out(rules)
        }
    }

    /// A session that has none.
    #[must_use]
    pub fn signed_out(rules: Rules) -> Self {
        Self {
            rules,
            generation: Generation::FIRST,
            fence: Generation::FIRST,
            access: Access::Absent,
            validity: Validity::default(),
            phase: Phase::Idle,
            permits: Permits::default(),
            refresh_token: Known::Unproven,
        }
    }

    /// A session that has none, and gets its first as others get a newer one. It has no refresh
    /// token either, which a lost answer could cost it.
    #[must_use]
    pub fn without_token(rules: Rules) -> Self {
        Self {
            access: Access::Refused,
            refresh_token: Known::Reusable,
            ..Self::signed_out(rules)
        }
    }

    /// The generation of the session's token, or of the sign-out that took it.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// The flight that is up, if one is.
    #[must_use]
    pub const fn flight(&self) -> Option<&F> {
        match &self.phase {
            Phase::InFlight(flight) => Some(flight),
            Phase::Idle | Phase::Resting { .. } | Phase::Refused => None,
        }
    }

    /// Until when no refresh departs, after one that failed for a while.
    #[must_use]
    pub const fn rests_until(&self) -> Option<Duration> {
        match self.phase {
            Phase::Resting { until } => Some(until),
            Phase::Idle | Phase::InFlight(_) | Phase::Refused => None,
        }
    }

    /// A new request: may it go?
    ///
    /// `depart` makes the flight that replaces this generation. It is called at most once, and
    /// the flight counts as up from then on.
    pub fn enter(
        &mut self,
        sendable: Sendable,
        now: Duration,
        depart: impl FnOnce(Generation) -> F,
    ) -> Entry<F> {
        let Some(token) = self.usable(now) else {
            return Entry::Stale(self.generation);
        };
        let renews = sendable == Sendable::Once && self.validity.is_ending(now);
        if renews && let Some(flight) = self.flight() {
            return Entry::Renew(token, flight.clone());
        }
        let departs = renews || self.validity.is_early(now);
        if !departs || !self.may_depart(now) || self.permit(now).is_err() {
            return Entry::Go(token);
        }
        let flight = self.depart(depart);
        if renews {
            Entry::Renew(token, flight)
        } else {
            Entry::GoAndDepart(token, flight)
        }
    }

    /// A request that was refused with a token of this generation, or that [`enter`](Self::enter)
    /// called stale: how does it get a newer one?
    ///
    /// `depart` is as in [`enter`](Self::enter).
    pub fn admit(
        &mut self,
        stale: Generation,
        now: Duration,
        depart: impl FnOnce(Generation) -> F,
    ) -> Admission<F> {
        if stale < self.fence {
            return Admission::Superseded;
        }
        if stale < self.generation
            && let Some(newer) = self.usable(now)
        {
            return Admission::Current(newer);
        }
        if self.access == Access::Absent {
            return Admission::SignedOut;
        }
        if self.may_depart(now) {
            // Not marked as refused then: a resource that refuses every token must not cost
            // the others theirs.
            if let Err(until) = self.permit(now) {
                return Admission::Limited { until };
            }
            self.access = Access::Refused;
            return Admission::Await(self.depart(depart));
        }
        self.access = Access::Refused;
        match &self.phase {
            Phase::InFlight(flight) => Admission::Await(flight.clone()),
            Phase::Resting { until } => Admission::Resting { until: *until },
            Phase::Idle | Phase::Refused => Admission::Refused,
        }
    }

    /// A request that is to wait for a flight, for which so many wait already.
    #[must_use]
    pub fn wait(&self, waiting: u32) -> Wait {
        match self.rules.max_waiting {
            Some(most) if waiting >= most => Wait::Full,
            Some(_) | None => Wait::Seated,
        }
    }

    /// A request whose flight landed with success: the token to replay it with.
    ///
    /// `None` where a sign-in or sign-out came since: it is superseded.
    #[must_use]
    pub fn resume(&self, stale: Generation) -> Option<Generation> {
        (stale >= self.fence && stale < self.generation).then_some(self.generation)
    }

    /// A request that waited for its token to be renewed: the token to go with, which is the one
    /// it held where there is no newer one and it can still be used.
    ///
    /// `None` where it cannot, or where a sign-in or sign-out came since.
    #[must_use]
    pub fn renewed(&self, held: Generation, now: Duration) -> Option<Generation> {
        let still = || self.usable(now).filter(|token| *token == held);
        self.resume(held).or_else(still)
    }

    /// A request that was signed with this generation, and goes on to another hop: the newest,
    /// whatever it is worth.
    ///
    /// `None` where a sign-in or sign-out came since: it is superseded.
    #[must_use]
    pub fn onward(&self, signed: Generation) -> Option<Generation> {
        (signed >= self.fence).then_some(self.generation)
    }

    fn usable(&self, now: Duration) -> Option<Generation> {
        let usable = self.access == Access::Usable && !self.validity.has_expired(now);
        usable.then_some(self.generation)
    }

    /// Whether a flight may depart, its permit aside.
    fn may_depart(&mut self, now: Duration) -> bool {
        match self.phase {
            Phase::Resting { .. } if self.is_spent(now) => {
                self.phase = Phase::Refused;
                false
            }
            Phase::Resting { until } => now >= until,
            Phase::Idle => true,
            Phase::InFlight(_) | Phase::Refused => false,
        }
    }

    fn permit(&mut self, now: Duration) -> Result<(), Duration> {
        self.permits.take(now, self.rules)
    }

    fn depart(&mut self, depart: impl FnOnce(Generation) -> F) -> F {
        let flight = depart(self.generation);
        self.phase = Phase::InFlight(flight.clone());
        flight
    }
}

#[cfg(test)]
#[path = "coordinator_tests.rs"]
mod tests;
