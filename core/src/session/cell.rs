//! The one place where a session's coordinator and its token change, together.
//!
//! It decides nothing: it holds the lock, asks the coordinator, and keeps the token that signs
//! and the last failure beside what the coordinator said. The lock is never held across an
//! await.

use std::sync::Arc;
use std::time::Duration;

use super::event::EventKind;
use super::flight::{Flight, Outcome, Seat};
use super::herald::Herald;
use super::signer::{Credential, Signer, Signing};
use crate::machine::{Admission, Coordinator, Entry, Landed, Landing, Rules, Sendable, Term, Wait};
use crate::sync::{Mutex, MutexGuard, lock};
use crate::{Generation, RefreshError, RefreshErrorKind, Runtime, Token};

pub(super) struct Cell {
    held: Mutex<Held>,
    signing: Signing,
    herald: Arc<Herald>,
}

struct Held {
    coordinator: Coordinator<Flight>,
    token: Option<Arc<Signer>>,
    /// What the last flight failed with, for those who come while that lasts.
    failure: Option<Arc<RefreshError>>,
}

/// What a new request does.
pub(super) enum Start {
    Go(Credential),
    /// And this flight is to be boarded beside it.
    GoBeside(Credential, Flight),
    /// A flight is up to renew this generation.
    Renew(Generation),
    Stale(Generation),
}

impl Cell {
    pub(super) fn new(
        rules: Rules,
        token: Option<Token>,
        signing: Signing,
        runtime: &dyn Runtime,
        herald: Arc<Herald>,
    ) -> Self {
        let coordinator = match &token {
            Some(token) if token.if_any().is_none() => Coordinator::without_token(rules),
            Some(token) => Coordinator::signed_in(rules, term(token, runtime)),
            None => Coordinator::signed_out(rules),
        };
        Self {
            held: Mutex::new(Held {
                coordinator,
                token: token.map(|token| signing.with(Arc::new(token))),
                failure: None,
            }),
            signing,
            herald,
        }
    }

    pub(super) fn enter(
        &self,
        sendable: Sendable,
        now: Duration,
        depart: impl FnOnce(Generation) -> Flight,
    ) -> Start {
        let mut held = self.held();
        let entry = held.coordinator.enter(sendable, now, depart);
        match (entry, held.credential()) {
            (Entry::Go(_), Some(credential)) => Start::Go(credential),
            (Entry::GoAndDepart(_, flight), Some(credential)) => {
                Start::GoBeside(credential, flight)
            }
            (Entry::Renew(held, _), _) => Start::Renew(held),
            (Entry::Stale(stale), _) => Start::Stale(stale),
            // A coordinator says so only of a session that has a token.
            (Entry::Go(stale) | Entry::GoAndDepart(stale, _), None) => Start::Stale(stale),
        }
    }

    /// The admission, and what the last flight failed with.
    pub(super) fn admit(
        &self,
        stale: Generation,
        now: Duration,
        depart: impl FnOnce(Generation) -> Flight,
    ) -> (Admission<Flight>, Option<Arc<RefreshError>>) {
        let mut held = self.held();
        let admission = held.coordinator.admit(stale, now, depart);
        (admission, held.failure.clone())
    }

    /// A place to wait for this flight, where one is left; under the lock, so that nobody else
    /// takes it between the question and the answer.
    pub(super) fn seat(&self, flight: &Flight) -> Option<Seat> {
        let held = self.held();
        match held.coordinator.wait(flight.waiting()) {
            Wait::Seated => Some(flight.sit_down()),
            Wait::Full => None,
        }
    }

    pub(super) fn resume(&self, stale: Generation) -> Option<Credential> {
        let held = self.held();
        held.coordinator.resume(stale)?;
        held.credential()
    }

    pub(super) fn renewed(&self, held: Generation, now: Duration) -> Option<Credential> {
        let cell = self.held();
        cell.coordinator.renewed(held, now)?;
        cell.credential()
    }

    pub(super) fn onward(&self, signed: Generation) -> Option<Credential> {
        let held = self.held();
        held.coordinator.onward(signed)?;
        held.credential()
    }

    /// The token that a flight is to replace, where it still counts.
    pub(super) fn awaited(&self, stale: Generation) -> Option<Arc<Token>> {
        let held = self.held();
        let signer = held.token.as_ref()?;
        let awaited = held.coordinator.awaits(stale);
        awaited.then(|| Arc::clone(&signer.token))
    }

    /// Whether the time is over in which the refresh token could be sent again.
    pub(super) fn is_spent(&self, now: Duration) -> bool {
        self.held().coordinator.is_spent(now)
    }

    pub(super) fn publish(
        &self,
        stale: Generation,
        landing: Landing,
        token: Arc<Token>,
        now: Duration,
    ) -> Outcome {
        let signer = self.signing.with(token);
        let mut held = self.held();
        match held.coordinator.land(stale, landing, now) {
            Landed::Counts(generation) => {
                held.token = Some(signer);
                held.failure = None;
                self.herald.note(EventKind::Refreshed { generation });
                Outcome::Refreshed
            }
            Landed::Overtaken => Outcome::Overtaken,
        }
    }

    pub(super) fn fail(
        &self,
        stale: Generation,
        error: Arc<RefreshError>,
        sent: Duration,
        now: Duration,
    ) -> Outcome {
        let landing = match error.kind() {
            RefreshErrorKind::Refused => Landing::Refused,
            RefreshErrorKind::Unknown => Landing::Unknown { since: sent },
            RefreshErrorKind::Transient | RefreshErrorKind::Misconfigured => {
                let retry_after = error.retry_after();
                Landing::Transient { retry_after }
            }
        };
        let mut held = self.held();
        match held.coordinator.land(stale, landing, now) {
            Landed::Counts(generation) => {
                held.failure = Some(Arc::clone(&error));
                self.herald.note(EventKind::RefreshFailed {
                    generation,
                    error: Arc::clone(&error),
                });
                Outcome::Failed(error, held.coordinator.rests_until())
            }
            Landed::Overtaken => Outcome::Overtaken,
        }
    }

    /// A fence: another token, or none; returns what there was. `owe` happens in the same step, so that what the store
    /// hears last is what happened last.
    pub(super) fn fence(
        &self,
        token: Option<Arc<Token>>,
        runtime: &dyn Runtime,
        owe: impl FnOnce(Generation),
    ) -> Option<Arc<Token>> {
        let term = token.as_ref().map(|token| term(token, runtime));
        let signer = token.map(|token| self.signing.with(token));
        let mut held = self.held();
        let overtaken = held.coordinator.flight().cloned();
        let (generation, event) = match term {
            Some(term) => {
                let generation = held.coordinator.sign_in(term);
                (generation, EventKind::SignedIn { generation })
            }
            None => {
                let generation = held.coordinator.sign_out();
                (generation, EventKind::SignedOut { generation })
            }
        };
        self.herald.note(event);
        let before = std::mem::replace(&mut held.token, signer);
        held.failure = None;
        owe(generation);
        drop(held);
        // Outside the lock: it may be the last handle, and a refresher's future may do anything.
        drop(overtaken);
        before.map(|signer| Arc::clone(&signer.token))
    }

    /// The flight that is up to replace this generation.
    pub(super) fn flight_for(&self, stale: Generation) -> Option<Flight> {
        let held = self.held();
        let awaited = held.coordinator.awaits(stale);
        held.coordinator.flight().filter(|_| awaited).cloned()
    }

    pub(super) fn generation(&self) -> Generation {
        self.held().coordinator.generation()
    }

    pub(super) fn flight(&self) -> Option<Flight> {
        self.held().coordinator.flight().cloned()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        lock(&self.held)
    }
}

/// From now on, by the clocks of this runtime.
fn term(token: &Token, runtime: &dyn Runtime) -> Term {
    Term {
        since: runtime.now(),
        lifetime: token.lifetime(runtime.wall_clock()),
        jitter: runtime.jitter(),
    }
}

impl Held {
    fn credential(&self) -> Option<Credential> {
        Some(Credential {
            generation: self.coordinator.generation(),
            signer: Arc::clone(self.token.as_ref()?),
        })
    }
}
