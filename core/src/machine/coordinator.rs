//! The token of one session: which requests may use it, and when it is refreshed.
//!
//! The coordinator decides whether a request is sent, waits for a flight or starts one, and
//! whether a landing counts. It does not know requests, sockets, clocks or the bytes of a token.

mod changes;
pub(super) mod messages;

use std::time::Duration;

use http::StatusCode;

use super::fresh_token::FreshToken;
use super::looks::Looks;
use super::origins::{Destination, InUse, OriginSet};
use super::permits::Permits;
use super::phase::{Access, AtRisk, Knowledge, Phase};
use super::refusals::Refusals;
use super::rules::{Rules, Sharing};
use super::validity::{Renewable, Term, Validity};
use crate::Generation;

pub use messages::{
    AccessTokenChange, Admission, Again, CallFailure, Connection, Entry, Landed, Landing,
    RefreshTokenChange, Refusal, Rest, Resume, Sendable, Sending, Wait,
};

/// The token of one session, and the flight in progress that will replace it, if there is one.
///
/// `F` is a handle on a *flight*, a refresh in progress: a shared future in the driver, a number
/// in the model. A flight *lands* once, and calls [`land`](Self::land) itself; requests that wait
/// for it only read the result. Time is a [`Duration`] since a fixed moment, and never decreases.
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
    /// The origins that the access token was sent to, and those that refused it.
    used: InUse,
    refused: Refusals,
    fresh_token: FreshToken,
    phase: Phase<F>,
    /// The number of flights in a row that failed and may be tried again.
    failures: u8,
    /// When it became possible that the current refresh token is spent.
    in_doubt_since: Option<Duration>,
    permits: Permits,
    refresh_token: Knowledge,
    looks: Looks,
    /// If the last sign-in is one of another session, after this one had ended: the sign-in or
    /// sign-out before.
    revived_since: Option<Generation>,
}

impl<F: Clone> Coordinator<F> {
    /// A session that has a token with this term.
    #[must_use]
    pub fn signed_in(rules: Rules, term: Term) -> Self {
        Self {
            access: Access::Held,
            validity: Validity::new(term, rules),
            renewable: term.renewable,
            ..Self::signed_out(rules)
        }
    }

    /// A session that has no token.
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
            in_doubt_since: None,
            permits: Permits::default(),
            refresh_token: Knowledge::default(),
            looks: Looks::default(),
            revived_since: None,
        }
    }

    /// A session that has no token yet, and gets its first one by a refresh.
    #[must_use]
    pub fn without_token(rules: Rules) -> Self {
        Self {
            access: Access::Held,
            refused: Refusals::EVERYWHERE,
            ..Self::signed_out(rules)
        }
    }

    /// The generation of the session's token, or of the sign-out that removed it.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// The flight in progress, if there is one.
    #[must_use]
    pub const fn flight(&self) -> Option<&F> {
        match &self.phase {
            Phase::InFlight(flight) => Some(flight),
            Phase::Idle | Phase::Resting { .. } | Phase::Refused => None,
        }
    }

    /// When the next flight may depart, if the last one failed and may be tried again.
    #[must_use]
    pub fn rests_until(&self, now: Duration) -> Option<Duration> {
        match self.phase {
            Phase::Resting { until } => Some(until.max(self.next_refresh_at(now))),
            Phase::Idle | Phase::InFlight(_) | Phase::Refused => None,
        }
    }

    /// Decides whether a new request to `there` is sent at once.
    ///
    /// `depart` makes the flight that replaces this generation. It is called at most once, and
    /// the flight counts as in progress from then on.
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
        // This origin may also refuse a token that another origin has refused.
        if (renews || once && !self.refused.origins().is_empty())
            && let Some(flight) = self.flight()
        {
            return Entry::Renew(token, flight.clone());
        }
        let departs = renews || self.validity.is_early(now);
        if !departs || !self.may_depart(now) || self.permits.take(now, self.rules).is_err() {
            return Entry::Go(token);
        }
        let flight = self.depart(now, depart);
        if renews {
            Entry::Renew(token, flight)
        } else {
            Entry::GoAndDepart(token, flight)
        }
    }

    /// Decides about a new request if its origin has refused the token or the token has expired.
    ///
    /// The request waits for a newer token while one can be obtained. Otherwise it is sent with
    /// the current token if that has not expired and was refused only at other paths.
    #[cold]
    fn enter_refused(
        &mut self,
        there: Destination,
        now: Duration,
        depart: impl FnOnce(Generation) -> F,
    ) -> Entry<F> {
        let Some(token) = self.held_token(there, now) else {
            return Entry::Stale(self.generation);
        };
        self.used.send_to(there.origin, now, self.rules);
        if let Some(flight) = self.flight() {
            return Entry::Renew(token, flight.clone());
        }
        match self.may_depart(now) && self.permits.take(now, self.rules).is_ok() {
            true => Entry::Renew(token, self.depart(now, depart)),
            false => Entry::Go(token),
        }
    }

    /// Decides how a request gets a newer token: one that was refused with a token of this
    /// generation, or that [`enter`](Self::enter) called stale.
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
            return match self.flight() {
                Some(flight) => Admission::Await(flight.clone()),
                None if self.may_look(now) => Admission::Await(self.depart(now, depart)),
                None => Admission::SignedOut,
            };
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
                // No newer token can be obtained, so requests go on with the current one.
                self.refused = before;
                return Admission::Limited { until };
            }
            return Admission::Await(self.depart(now, depart));
        }
        match &self.phase {
            Phase::InFlight(flight) => Admission::Await(flight.clone()),
            Phase::Resting { until } => Admission::Resting {
                until: self.next_refresh_at(now).max(*until),
            },
            Phase::Idle | Phase::Refused => Admission::Refused,
        }
    }

    /// Whether another request may wait for a flight that `waiting` requests wait for already.
    #[must_use]
    pub fn wait(&self, waiting: u32) -> Wait {
        match self.rules.max_waiting {
            Some(most) if waiting >= most => Wait::Full,
            Some(_) | None => Wait::Allowed,
        }
    }

    /// The token for a request that was admitted for this reason, after its flight brought a new
    /// one.
    ///
    /// If the session had ended, and another one has signed in since, a request that was not sent
    /// yet gets the token of that sign-in.
    pub fn resume(
        &mut self,
        stale: Generation,
        refusal: Refusal,
        there: impl Into<Destination>,
        now: Duration,
    ) -> Resume {
        let sent = !matches!(refusal, Refusal::Unsigned(_));
        let revived = self.revived_since.is_some_and(|since| stale >= since);
        let overtaken = stale < self.fence && (sent || !revived);
        if overtaken || stale >= self.generation || self.access == Access::Absent {
            return Resume::Superseded;
        }
        // If the answer took long, the token may just have been issued.
        if self.validity.is_over(now) && self.renewable == Renewable::Yes {
            return Resume::Expired;
        }
        Resume::With(self.record_use(there.into()))
    }

    /// The token for a request that waited for its token to be renewed.
    ///
    /// If there is no newer token, it is the one that the request held, while that is still
    /// usable.
    pub fn renewed(
        &mut self,
        held: Generation,
        there: impl Into<Destination>,
        now: Duration,
    ) -> Resume {
        let there = there.into();
        match self.held_token(there, now) {
            Some(token) if token == held => Resume::With(held),
            // It was to be sent as who held that token.
            Some(_) | None => self.resume(held, Refusal::By(there), there, now),
        }
    }

    /// The token for the next hop of a request that was signed with this generation: the newest
    /// one, even if it is expired or refused.
    ///
    /// `None` if a sign-in or sign-out came since: the request is superseded.
    #[must_use]
    pub fn token_for_hop(
        &mut self,
        signed: Generation,
        there: impl Into<Destination>,
    ) -> Option<Generation> {
        (signed >= self.fence).then(|| self.record_use(there.into()))
    }

    /// Records that a server answered a request with this status, and did not refuse its token.
    ///
    /// The server accepted the token, unless the status is a 401 or a server error: those prove
    /// nothing. While a flight is in progress the answer may be older than the refusal that the
    /// flight departed for, so it does not undo that refusal.
    pub fn served(&mut self, token: Generation, status: StatusCode, there: impl Into<Destination>) {
        let accepted = status != StatusCode::UNAUTHORIZED && !status.is_server_error();
        if token != self.generation || !accepted {
            return;
        }
        self.fresh_token = FreshToken::default();
        match self.phase {
            // A redirect or a 404 says nothing about the token.
            Phase::Resting { .. } | Phase::Refused if status.is_success() => {
                self.refused.accept(there.into());
            }
            Phase::Resting { .. } | Phase::Refused | Phase::Idle | Phase::InFlight(_) => {}
        }
    }

    /// Whether [`served`](Self::served) would change anything.
    ///
    /// It would while no server has accepted the token that the last refresh brought, and while a
    /// server has refused the current token. Otherwise the driver need not call it.
    #[must_use]
    pub fn needs_outcomes(&self) -> bool {
        self.fresh_token.is_on() || !self.refused.is_empty()
    }

    /// Counts the origin as in use, and returns the current generation.
    fn record_use(&mut self, there: Destination) -> Generation {
        self.used.send_again(there.origin);
        self.generation
    }

    #[inline]
    fn usable(&self, there: Destination, now: Duration) -> Option<Generation> {
        let token = self.held_token(there, now)?;
        let good =
            self.renewable == Renewable::No || !self.refused.origins().intersects(there.origin);
        good.then_some(token)
    }

    /// The token for a request that was refused with an older token.
    fn usable_here(&mut self, there: Destination, now: Duration) -> Option<Generation> {
        self.usable(there, now).or_else(|| {
            let newer = self.flight().is_some() || self.may_depart(now);
            self.held_token(there, now).filter(|_| !newer)
        })
    }

    /// The current token, if it has not expired and was not refused at this path, or if the
    /// session cannot get another one.
    #[inline]
    fn held_token(&self, there: Destination, now: Duration) -> Option<Generation> {
        let held = self.access == Access::Held;
        let good = !self.validity.has_expired(now)
            && (self.refused.is_empty() || !self.refused.has(there));
        (held && (good || self.renewable == Renewable::No)).then_some(self.generation)
    }

    /// Until when a refusal of a fresh token is ignored. An expired token is never too fresh.
    fn too_fresh(&self, there: Destination, now: Duration) -> Option<Duration> {
        let counts = self.usable(there, now).is_none();
        self.fresh_token.lasts(now).filter(|_| !counts)
    }

    /// Whether a flight may depart, apart from the limit of refreshes.
    fn may_depart(&mut self, now: Duration) -> bool {
        match self.phase {
            _ if self.renewable == Renewable::No => false,
            Phase::Resting { .. } if !self.has_another_use(now) => {
                self.phase = Phase::Refused;
                self.may_look(now)
            }
            // Another session may have a newer token.
            Phase::Resting { until } => now >= until && (self.is_shared() || self.may_be_sent(now)),
            Phase::Idle => true,
            Phase::Refused => self.may_look(now),
            Phase::InFlight(_) => false,
        }
    }

    const fn is_shared(&self) -> bool {
        matches!(self.rules.sharing, Sharing::Shared)
    }

    /// Whether a session that has ended may depart for a look at its store.
    fn may_look(&self, now: Duration) -> bool {
        self.is_shared() && self.looks.are_due(now)
    }

    /// The earliest time at which the refresh token may be sent: not while the access token may
    /// still be accepted and sending it could revoke the sign-in.
    fn next_refresh_at(&self, now: Duration) -> Duration {
        match self.is_shared() || self.may_be_sent(now) {
            true => now,
            false => {
                let used = self.used.at(now, self.rules);
                let since = match self.refused.at_any_path().contains(used) {
                    true => self.in_doubt_since.unwrap_or(now),
                    false => now,
                };
                let longest = since.saturating_add(self.rules.longest_rest);
                self.validity.end().map_or(longest, |end| end.min(longest))
            }
        }
    }

    fn may_be_sent(&self, now: Duration) -> bool {
        let used = self.used.at(now, self.rules);
        // An origin may accept a token at one path because it does not check it there. After a
        // while its acceptance no longer counts.
        let longest = self.rules.longest_rest;
        let waited = |since: Duration| now >= since.saturating_add(longest);
        let refused = match self.in_doubt_since.is_some_and(waited) {
            true => self.refused.at_any_path(),
            false => self.refused.origins(),
        };
        let refused = !refused.is_empty() && refused.contains(used);
        let at_risk = match refused || self.validity.has_expired(now) {
            true => AtRisk::Nothing,
            false => AtRisk::AccessToken,
        };
        let token_use = self.refresh_token.token_use(self.rules);
        self.refresh_token
            .known
            .may_be_sent(now, token_use, at_risk)
    }

    fn has_another_use(&self, now: Duration) -> bool {
        let known = self.refresh_token.known;
        known.has_another_use(now, self.refresh_token.token_use(self.rules))
    }

    fn depart(&mut self, now: Duration, depart: impl FnOnce(Generation) -> F) -> F {
        if self.access == Access::Absent || matches!(self.phase, Phase::Refused) {
            self.looks.begin(now);
        }
        let flight = depart(self.generation);
        self.phase = Phase::InFlight(flight.clone());
        flight
    }
}

#[cfg(test)]
mod tests;
