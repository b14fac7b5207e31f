//! What changes a session's token: flights that land, sign-ins and sign-outs.

use std::time::Duration;

use super::Coordinator;
use crate::Generation;
use crate::machine::flights::{Landed, Landing, RefreshToken};
use crate::machine::phase::{Access, Known, Phase};
use crate::machine::validity::{Term, Validity};

impl<F: Clone> Coordinator<F> {
    /// Ends the flight that departed to replace this generation.
    ///
    /// Called once for each flight, by the flight itself.
    pub fn land(&mut self, stale: Generation, landing: Landing, now: Duration) -> Landed {
        if !self.awaits(stale) {
            return Landed::Overtaken;
        }
        self.phase = match landing {
            Landing::Refreshed {
                term,
                refresh_token,
            } => {
                self.generation = self.generation.next();
                self.access = Access::Usable;
                self.validity = Validity::new(term, self.rules);
                self.refresh_token = match refresh_token {
                    RefreshToken::Kept => Known::Reusable,
                    RefreshToken::Replaced => Known::Unproven,
                };
                Phase::Idle
            }
            Landing::Transient { retry_after } => Phase::resting(self.rules, now, retry_after),
            Landing::Refused => Phase::Refused,
            Landing::Unknown { since } => {
                let known = self.refresh_token;
                match known.lost(since, now, self.rules.token_use) {
                    Some(known) => {
                        self.refresh_token = known;
                        Phase::resting(self.rules, now, None)
                    }
                    None => Phase::Refused,
                }
            }
        };
        Landed::Counts(self.generation)
    }

    /// Whether a flight that departed to replace this generation would count if it landed.
    #[must_use]
    pub fn awaits(&self, stale: Generation) -> bool {
        stale == self.generation && self.flight().is_some()
    }

    /// Whether the time is over in which the refresh token could be sent again
    /// ([`TokenUse::Grace`](crate::machine::TokenUse::Grace)): a flight asks before it sends.
    #[must_use]
    pub fn is_spent(&self, now: Duration) -> bool {
        self.refresh_token.is_spent(now, self.rules.token_use)
    }

    /// Another token takes the place of the session's, as it is: a fence.
    ///
    /// Returns its generation. A flight that was up no longer counts.
    pub fn sign_in(&mut self, term: Term) -> Generation {
        self.access = Access::Usable;
        self.validity = Validity::new(term, self.rules);
        self.raise_fence()
    }

    /// The session has no token from now on: a fence.
    ///
    /// Returns its generation. A flight that was up no longer counts.
    pub fn sign_out(&mut self) -> Generation {
        self.access = Access::Absent;
        self.validity = Validity::default();
        self.raise_fence()
    }

    fn raise_fence(&mut self) -> Generation {
        self.generation = self.generation.next();
        self.fence = self.generation;
        self.phase = Phase::Idle;
        self.refresh_token = Known::Unproven;
        self.generation
    }
}
