//! One session's token: who may send with it, and who refreshes it.
//!
//! It decides whether a request goes, waits, joins a flight or departs one, and whether a
//! landing counts. It never knows a request, a socket, a clock or a token's bytes.

mod changes;
pub(super) mod messages;

use std::time::Duration;

use http::StatusCode;

use super::fresh_token::FreshToken;
use super::origins::{Destination, InUse, OriginSet};
use super::permits::Permits;
use super::phase::{Access, Knowledge, Phase, Stake};
use super::refusals::Refusals;
use super::rules::Rules;
use super::validity::{Renewable, Term, Validity};
use crate::Generation;

pub use messages::{
    AccessToken, Admission, Again, Answered, Connection, Entry, Landed, Landing, RefreshToken,
    Refusal, Rest, Sendable, Sending, Wait,
};

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
    renewable: Renewable,
    /// Where the access token was sent, and where it was refused.
    used: InUse,
    refused: Refusals,
    fresh_token: FreshToken,
    phase: Phase<F>,
    /// Flights in a row that failed for a while.
    failures: u8,
    /// Since when the refresh token in hand may be spent.
    doubted: Option<Duration>,
    permits: Permits,
    refresh_token: Knowledge,
}

impl<F: Clone> Coordinator<F> {
    /// A session that has a token, accepted for so long.
    #[must_use]
    pub fn signed_in(rules: Rules, term: Term) -> Self {
        Self {
            access: Access::Held,
            validity: Validity::new(term, rules),
            renewable: term.renewable,
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
            renewable: Renewable::Yes,
            used: InUse::default(),
            refused: Refusals::default(),
            fresh_token: FreshToken::default(),
            phase: Phase::Idle,
            failures: 0,
            doubted: None,
            permits: Permits::default(),
            refresh_token: Knowledge::default(),
        }
    }

    /// A session that has none, and gets its first as others get a newer one.
    #[must_use]
    pub fn without_token(rules: Rules) -> Self {
        Self {
            access: Access::Held,
            refused: Refusals::EVERYWHERE,
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
    pub fn rests_until(&self, now: Duration) -> Option<Duration> {
        match self.phase {
            Phase::Resting { until } => Some(until.max(self.asks_again(now))),
            Phase::Idle | Phase::InFlight(_) | Phase::Refused => None,
        }
    }

    /// A new request that is to go there: may it?
    ///
    /// `depart` makes the flight that replaces this generation. It is called at most once, and
    /// the flight counts as up from then on.
    #[inline]
    pub fn enter(
        &mut self,
        there: impl Into<Destination>,
        sendable: Sendable,
        now: Duration,
        depart: impl FnOnce(Generation) -> F,
    ) -> Entry<F> {
        let there = there.into();
        let Some(token) = self.usable(there, now) else {
            return self.enter_refused(there, now, depart);
        };
        self.used.send_to(there.origin, now, self.rules);
        let once = sendable == Sendable::Once;
        let renews = once && self.validity.is_ending(now);
        // What another origin refuses this one may refuse, too.
        if (renews || once && !self.refused.origins().is_empty())
            && let Some(flight) = self.flight()
        {
            return Entry::Renew(token, flight.clone());
        }
        let departs = renews || self.validity.is_early(now);
        if !departs || !self.may_depart(now) || self.permits.take(now, self.rules).is_err() {
            return Entry::Go(token);
        }
        let flight = self.depart(depart);
        if renews {
            Entry::Renew(token, flight)
        } else {
            Entry::GoAndDepart(token, flight)
        }
    }

    /// A new request to an origin that has refused the token, or whose token has expired: it
    /// waits for a newer one while that can be had. Where it has not expired, and was refused at
    /// other paths alone, it goes with the one in hand then.
    #[cold]
    fn enter_refused(
        &mut self,
        there: Destination,
        now: Duration,
        depart: impl FnOnce(Generation) -> F,
    ) -> Entry<F> {
        let Some(token) = self.in_hand(there, now) else {
            return Entry::Stale(self.generation);
        };
        self.used.send_to(there.origin, now, self.rules);
        if let Some(flight) = self.flight() {
            return Entry::Renew(token, flight.clone());
        }
        match self.may_depart(now) && self.permits.take(now, self.rules).is_ok() {
            true => Entry::Renew(token, self.depart(depart)),
            false => Entry::Go(token),
        }
    }

    /// A request that was refused with a token of this generation, or that [`enter`](Self::enter)
    /// called stale: how does it get a newer one?
    ///
    /// `depart` is as in [`enter`](Self::enter).
    pub fn admit(
        &mut self,
        stale: Generation,
        refusal: Refusal,
        now: Duration,
        depart: impl FnOnce(Generation) -> F,
    ) -> Admission<F> {
        let there = match refusal {
            Refusal::By(there) | Refusal::Unsigned(there) => there,
            Refusal::Forced => OriginSet::ELSEWHERE.into(),
        };
        if stale < self.fence {
            return Admission::Superseded;
        }
        if stale < self.generation
            && let Some(newer) = self.usable_here(there, now)
        {
            return Admission::Current(newer);
        }
        if self.access == Access::Absent {
            return Admission::SignedOut;
        }
        if self.renewable == Renewable::No {
            return Admission::NoWay;
        }
        if refusal != Refusal::Forced
            && let Some(until) = self.too_fresh(there, now)
        {
            self.fresh_token.refuse();
            return Admission::TooFresh { until };
        }
        let before = self.refused;
        if let Refusal::By(there) = refusal {
            self.fresh_token.refuse();
            self.refused.add(there);
        }
        if self.may_depart(now) {
            if let Err(until) = self.permits.take(now, self.rules) {
                // A resource that refuses every token goes on with the one in hand.
                self.refused = before;
                return Admission::Limited { until };
            }
            return Admission::Await(self.depart(depart));
        }
        match &self.phase {
            Phase::InFlight(flight) => Admission::Await(flight.clone()),
            Phase::Resting { until } => Admission::Resting {
                until: self.asks_again(now).max(*until),
            },
            Phase::Idle | Phase::Refused => Admission::Refused,
        }
    }

    /// A request that is to wait for a flight, for which so many wait already.
    #[must_use]
    pub fn wait(&self, waiting: u32) -> Wait {
        match self.rules.max_waiting {
            Some(most) if waiting >= most => Wait::Full,
            Some(_) | None => Wait::Allowed,
        }
    }

    /// A request whose flight landed with success: the token to replay it with.
    ///
    /// `None` where a sign-in or sign-out came since: it is superseded.
    #[must_use]
    pub fn resume(
        &mut self,
        stale: Generation,
        there: impl Into<Destination>,
    ) -> Option<Generation> {
        let newer = stale >= self.fence && stale < self.generation;
        newer.then(|| self.goes_to(there.into()))
    }

    /// A request that waited for its token to be renewed: the token to go with, which is the one
    /// it held where there is no newer one and it can still be used.
    ///
    /// `None` where it cannot, or where a sign-in or sign-out came since.
    #[must_use]
    pub fn renewed(
        &mut self,
        held: Generation,
        there: impl Into<Destination>,
        now: Duration,
    ) -> Option<Generation> {
        let there = there.into();
        let still = self.in_hand(there, now).filter(|token| *token == held);
        self.resume(held, there).or(still)
    }

    /// A request that was signed with this generation, and goes on to another hop: the newest,
    /// whatever it is worth.
    ///
    /// `None` where a sign-in or sign-out came since: it is superseded.
    #[must_use]
    pub fn token_for_hop(
        &mut self,
        signed: Generation,
        there: impl Into<Destination>,
    ) -> Option<Generation> {
        (signed >= self.fence).then(|| self.goes_to(there.into()))
    }

    /// A server gave this answer to a token of this generation, and did not refuse it.
    ///
    /// So it accepted the token, unless it may not have looked at it: a 401 and a server error
    /// prove nothing. Of an answer that may be older than a refusal this says nothing about that.
    pub fn served(&mut self, token: Generation, status: StatusCode, there: impl Into<Destination>) {
        let accepted = status != StatusCode::UNAUTHORIZED && !status.is_server_error();
        if token != self.generation || !accepted {
            return;
        }
        self.fresh_token = FreshToken::default();
        match self.phase {
            // A redirect and a missing page say nothing of a token.
            Phase::Resting { .. } | Phase::Refused if status.is_success() => {
                self.refused.accept(there.into());
            }
            Phase::Resting { .. } | Phase::Refused | Phase::Idle | Phase::InFlight(_) => {}
        }
    }

    /// Whether [`served`](Self::served) makes a difference: where no server has accepted yet what
    /// a refresh brought, or where one has refused it.
    #[must_use]
    pub fn needs_outcomes(&self) -> bool {
        self.fresh_token.is_on() || !self.refused.is_empty()
    }

    /// The token goes there, so what it is worth there is at stake.
    fn goes_to(&mut self, there: Destination) -> Generation {
        self.used.send_again(there.origin);
        self.generation
    }

    #[inline]
    fn usable(&self, there: Destination, now: Duration) -> Option<Generation> {
        let token = self.in_hand(there, now)?;
        let good =
            self.renewable == Renewable::No || !self.refused.origins().intersects(there.origin);
        good.then_some(token)
    }

    /// The token for a request that was refused with an older one.
    fn usable_here(&mut self, there: Destination, now: Duration) -> Option<Generation> {
        self.usable(there, now).or_else(|| {
            let newer = self.flight().is_some() || self.may_depart(now);
            self.in_hand(there, now).filter(|_| !newer)
        })
    }

    /// The token that a request may go with where there is no newer one: it has not expired, and
    /// was not refused at this path. Where there will never be one, whatever it is worth.
    #[inline]
    fn in_hand(&self, there: Destination, now: Duration) -> Option<Generation> {
        let held = self.access == Access::Held;
        let good = !self.validity.has_expired(now)
            && (self.refused.is_empty() || !self.refused.has(there));
        (held && (good || self.renewable == Renewable::No)).then_some(self.generation)
    }

    /// Until when a refusal there does not count; an expiry does.
    fn too_fresh(&self, there: Destination, now: Duration) -> Option<Duration> {
        let counts = self.usable(there, now).is_none();
        self.fresh_token.lasts(now).filter(|_| !counts)
    }

    /// Whether a flight may depart, its permit aside.
    fn may_depart(&mut self, now: Duration) -> bool {
        match self.phase {
            _ if self.renewable == Renewable::No => false,
            Phase::Resting { .. } if !self.has_another_use(now) => {
                self.phase = Phase::Refused;
                false
            }
            Phase::Resting { until } => now >= until && self.may_be_sent(now),
            Phase::Idle => true,
            Phase::InFlight(_) | Phase::Refused => false,
        }
    }

    /// When a session that rests asks again: not while there is something left to lose.
    fn asks_again(&self, now: Duration) -> Duration {
        match self.may_be_sent(now) {
            true => now,
            false => {
                let used = self.used.at(now, self.rules);
                let since = match self.refused.at_any_path().contains(used) {
                    true => self.doubted.unwrap_or(now),
                    false => now,
                };
                let longest = since.saturating_add(self.rules.longest_rest);
                self.validity.end().map_or(longest, |end| end.min(longest))
            }
        }
    }

    fn may_be_sent(&self, now: Duration) -> bool {
        let used = self.used.at(now, self.rules);
        // An origin that accepts the token at one path and refuses it at another may not look at it
        // there: after a while that is no reason to wait.
        let longest = self.rules.longest_rest;
        let waited = |since: Duration| now >= since.saturating_add(longest);
        let refused = match self.doubted.is_some_and(waited) {
            true => self.refused.at_any_path(),
            false => self.refused.origins(),
        };
        let refused = !refused.is_empty() && refused.contains(used);
        let stake = match refused || self.validity.has_expired(now) {
            true => Stake::Nothing,
            false => Stake::AccessToken,
        };
        let token_use = self.rules.token_use;
        self.refresh_token.known.may_be_sent(now, token_use, stake)
    }

    fn has_another_use(&self, now: Duration) -> bool {
        let known = self.refresh_token.known;
        known.has_another_use(now, self.rules.token_use)
    }

    fn depart(&mut self, depart: impl FnOnce(Generation) -> F) -> F {
        let flight = depart(self.generation);
        self.phase = Phase::InFlight(flight.clone());
        flight
    }
}

#[cfg(test)]
mod tests;
