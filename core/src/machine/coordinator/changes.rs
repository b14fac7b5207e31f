//! The changes of a session's token: landings, sign-ins and sign-outs.

use std::time::Duration;

use super::Coordinator;
use super::messages::{
    AccessTokenChange, Again, CallFailure, Connection, Landed, Landing, Rest, Sending,
};
use crate::machine::fresh_token::FreshToken;
use crate::machine::holder::Sent;
use crate::machine::looks::Looks;
use crate::machine::origins::InUse;
use crate::machine::phase::{Access, Known, Phase, RefreshTokenId};
use crate::machine::refusals::Refusals;
use crate::machine::validity::{Term, Validity};
use crate::{Generation, Spends};

impl<F: Clone> Coordinator<F> {
    /// Decides whether the flight that replaces this generation sends the refresh token.
    ///
    /// If so, the refresh token counts as sent until [`call_failed`](Self::call_failed) says otherwise.
    /// `shared` is what all sessions know of it that share it, if others do.
    pub fn begin_call(
        &mut self,
        stale: Generation,
        spends: Spends,
        refresh_token: RefreshTokenId,
        shared: Option<Sent>,
        now: Duration,
    ) -> Sending {
        if !self.awaits(stale) {
            return Sending::Overtaken;
        }
        if spends == Spends::Nothing {
            return Sending::Over(Connection::Any);
        }
        match shared {
            Some(sent) => self.refresh_token.share(refresh_token, sent),
            None => self.refresh_token.switch_to(refresh_token),
        }
        if !self.may_be_sent(now) {
            // A look that sends nothing does not lengthen the next pause.
            self.failures = self.failures.saturating_sub(1);
            return Sending::Spent;
        }
        let token_use = self.refresh_token.token_use(self.rules);
        let known = &mut self.refresh_token.known;
        *known = known.sent(now, token_use);
        Sending::Over(match known.is_reusable(token_use) {
            true => Connection::Any,
            false => Connection::Own,
        })
    }

    /// Until when the call that [`begin_call`](Self::begin_call) allowed must have been sent:
    /// within the grace period, if the refresh token was sent before. `None`: at any time.
    #[must_use]
    pub fn send_before(&self) -> Option<Duration> {
        let token_use = self.refresh_token.token_use(self.rules);
        self.refresh_token.known.send_before(token_use)
    }

    /// Decides whether a flight tries again after a call that brought no token.
    ///
    /// `waiting` is the number of requests that wait for the flight.
    pub fn call_failed(
        &mut self,
        stale: Generation,
        failure: CallFailure,
        waiting: u32,
        now: Duration,
    ) -> Again {
        if !self.awaits(stale) {
            return Again::No;
        }
        match failure {
            CallFailure::SpentNothing => Again::AfterAPause,
            CallFailure::NotProcessed => {
                self.refresh_token.known = self.refresh_token.known.not_processed();
                Again::AfterAPause
            }
            CallFailure::Lost if waiting > 0 && self.may_be_sent(now) => Again::AfterAPause,
            CallFailure::Misconfigured => {
                self.refresh_token.known = self.refresh_token.known.not_processed();
                Again::No
            }
            CallFailure::Lost | CallFailure::Refused | CallFailure::MisconfiguredSpentNothing => {
                Again::No
            }
        }
    }

    /// Ends the flight that replaces this generation.
    ///
    /// The flight calls it itself, once.
    pub fn land(&mut self, stale: Generation, landing: Landing, now: Duration) -> Landed {
        if !self.awaits(stale) {
            return Landed::Overtaken;
        }
        match landing {
            Landing::Refreshed {
                access_token,
                refresh_token,
                term,
            } => {
                self.refresh_token.refreshed(refresh_token);
                self.in_doubt_since = self.in_doubt_since.filter(|_| self.is_in_doubt());
                if access_token == AccessTokenChange::Same && !self.refused.is_empty() {
                    // The server has no other: requests try it again, and a 401 says when to ask.
                    self.refused = Refusals::default();
                    self.looks = Looks::default();
                    self.validity = Validity::new(term, self.rules);
                    self.renewable = term.renewable;
                    let jitter = term.jitter;
                    let retry_after = None;
                    self.fail(
                        Rest {
                            retry_after,
                            jitter,
                        },
                        now,
                    );
                    return Landed::SameToken;
                }
                self.generation = self.generation.next();
                self.hold(term);
                self.fresh_token.begin(now, self.rules);
                self.failures = 0;
                self.phase = Phase::Idle;
            }
            // It has ended nevertheless.
            Landing::Failed(_) if self.is_looking() => self.phase = Phase::Refused,
            Landing::Failed(rest) => self.fail(rest, now),
            Landing::Refused => self.phase = Phase::Refused,
        }
        Landed::Counts(self.generation)
    }

    /// Whether a landing of the flight that replaces this generation would count.
    #[must_use]
    pub fn awaits(&self, stale: Generation) -> bool {
        stale == self.generation && self.flight().is_some()
    }

    /// Whether the refresh token may be spent and its successor lost.
    #[must_use]
    pub const fn is_in_doubt(&self) -> bool {
        matches!(self.refresh_token.known, Known::Sent { .. })
    }

    /// Whether the session has ended, and a flight looks for a sign-in of another session.
    #[must_use]
    pub const fn is_looking(&self) -> bool {
        self.looks.have_begun()
    }

    /// As [`sign_in`](Self::sign_in), by another session.
    pub fn sign_in_elsewhere(&mut self, term: Term, refresh_token: RefreshTokenId) -> Generation {
        let since = Some(self.fence).filter(|_| self.is_looking());
        let generation = self.sign_in(term, refresh_token);
        self.revived_since = since;
        generation
    }

    /// Replaces the session's token with that of a sign-in, and returns the new generation.
    ///
    /// This is a fence: a flight in progress no longer counts. What is known about the refresh token
    /// stays known, if the session had it before.
    pub fn sign_in(&mut self, term: Term, refresh_token: RefreshTokenId) -> Generation {
        self.hold(term);
        self.refresh_token.switch_to(refresh_token);
        self.raise_fence()
    }

    /// Removes the session's token, and returns the new generation.
    ///
    /// This is a fence: a flight in progress no longer counts.
    pub fn sign_out(&mut self) -> Generation {
        self.hold(Term::default());
        self.access = Access::Absent;
        self.raise_fence()
    }

    /// Takes another access token, about which nothing is known yet.
    fn hold(&mut self, term: Term) {
        self.access = Access::Held;
        self.validity = Validity::new(term, self.rules);
        self.renewable = term.renewable;
        self.used = InUse::default();
        self.refused = Refusals::default();
        self.looks = Looks::default();
    }

    fn fail(&mut self, rest: Rest, now: Duration) {
        self.phase = match self.has_another_use(now) {
            true => Phase::resting(self.rules, now, rest, self.failures),
            false => Phase::Refused,
        };
        self.failures = self.failures.saturating_add(1);
        self.in_doubt_since = match self.is_in_doubt() {
            true => self.in_doubt_since.or(Some(now)),
            false => None,
        };
    }

    fn raise_fence(&mut self) -> Generation {
        self.generation = self.generation.next();
        self.fence = self.generation;
        self.phase = Phase::Idle;
        self.revived_since = None;
        self.fresh_token = FreshToken::default();
        self.failures = 0;
        self.in_doubt_since = self.in_doubt_since.filter(|_| self.is_in_doubt());
        self.generation
    }
}
