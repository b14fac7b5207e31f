//! The one place where a session's coordinator and its token change, together.
//!
//! It decides nothing: it holds the lock, asks the coordinator, and keeps the token that signs
//! and the last failure beside what the coordinator said. The lock is never held across an
//! await.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{StatusCode, Uri};

use super::credential::{Credential, Signer, SigningToken};
use super::events::{Dispatcher, EventKind};
use super::refresh::flight::{Flight, Outcome, Waiter};
use crate::machine::{
    Admission, Again, Answered, Coordinator, Destination, Entry, Landed, Landing, OriginSet,
    PathId, RefreshTokenId, Refusal, Renewable, Rest, Rules, Sendable, Sending, Term, Wait,
};
use crate::sync::{Mutex, MutexGuard, lock};
use crate::{Generation, RefreshError, RefreshErrorKind, Runtime, Spends, Token};

pub(super) struct TokenState {
    held: Mutex<Held>,
    /// Whether no server has accepted the token yet, or one has refused it: a copy, so that few
    /// answers need the lock.
    needs_outcomes: AtomicBool,
    /// By which refresh tokens and paths are told apart.
    ids: RandomState,
    signing: Signer,
    events: Arc<Dispatcher>,
}

struct Held {
    coordinator: Coordinator<Flight>,
    token: Option<Arc<SigningToken>>,
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

impl TokenState {
    pub(super) fn new(
        rules: Rules,
        token: Option<Token>,
        signing: Signer,
        runtime: &dyn Runtime,
        renewable: impl Fn(&Token) -> Renewable,
        events: Arc<Dispatcher>,
    ) -> Self {
        let coordinator = match &token {
            Some(token) if token.if_any().is_none() => Coordinator::without_token(rules),
            Some(token) => Coordinator::signed_in(rules, term(token, renewable(token), runtime)),
            None => Coordinator::signed_out(rules),
        };
        Self {
            held: Mutex::new(Held {
                coordinator,
                token: token.map(|token| signing.with(Arc::new(token))),
                failure: None,
            }),
            needs_outcomes: AtomicBool::new(false),
            ids: RandomState::new(),
            signing,
            events,
        }
    }

    /// A path of an origin.
    pub(super) fn at(&self, origin: OriginSet, path: &str) -> Destination {
        let id = PathId::new(self.ids.hash_one((origin, path)));
        Destination::new(origin, id)
    }

    /// As [`at`](Self::at), where anything depends on the path: seldom.
    #[inline]
    pub(super) fn at_if_it_matters(
        &self,
        origin: OriginSet,
        uri: impl FnOnce() -> Uri,
    ) -> Destination {
        match self.needs_outcomes.load(Ordering::Relaxed) {
            true => self.at(origin, uri().path()),
            false => origin.into(),
        }
    }

    pub(super) fn enter(
        &self,
        there: Destination,
        sendable: Sendable,
        now: Duration,
        depart: impl FnOnce(Generation) -> Flight,
    ) -> Start {
        let mut held = self.held();
        let entry = held.coordinator.enter(there, sendable, now, depart);
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
        refusal: Refusal,
        now: Duration,
        depart: impl FnOnce(Generation) -> Flight,
    ) -> (Admission<Flight>, Option<Arc<RefreshError>>) {
        let mut held = self.held();
        let admission = held.coordinator.admit(stale, refusal, now, depart);
        self.update_needs_outcomes(&held);
        (admission, held.failure.clone())
    }

    /// A place to wait for this flight, where one is left; under the lock, so that nobody else
    /// takes it between the question and the answer.
    pub(super) fn waiter(&self, flight: &Flight) -> Option<Waiter> {
        let held = self.held();
        match held.coordinator.wait(flight.waiting()) {
            Wait::Allowed => Some(flight.sit_down()),
            Wait::Full => None,
        }
    }

    pub(super) fn resume(&self, stale: Generation, there: Destination) -> Option<Credential> {
        let mut held = self.held();
        held.coordinator.resume(stale, there)?;
        held.credential()
    }

    pub(super) fn renewed(
        &self,
        held: Generation,
        there: Destination,
        now: Duration,
    ) -> Option<Credential> {
        let mut state = self.held();
        state.coordinator.renewed(held, there, now)?;
        state.credential()
    }

    pub(super) fn onward(&self, signed: Generation, there: Destination) -> Option<Credential> {
        let mut held = self.held();
        held.coordinator.token_for_hop(signed, there)?;
        held.credential()
    }

    /// The token that a flight is to replace, where it still counts.
    pub(super) fn awaited(&self, stale: Generation) -> Option<Arc<Token>> {
        let held = self.held();
        let signer = held.token.as_ref()?;
        let awaited = held.coordinator.awaits(stale);
        awaited.then(|| Arc::clone(&signer.token))
    }

    /// What a server answered to a token of this generation, where it did not refuse it.
    #[inline]
    pub(super) fn served(
        &self,
        token: Generation,
        status: StatusCode,
        origin: OriginSet,
        uri: impl FnOnce() -> Uri,
    ) {
        if self.needs_outcomes.load(Ordering::Relaxed) {
            self.serve_on_trial(token, status, self.at(origin, uri().path()));
        }
    }

    #[cold]
    fn serve_on_trial(&self, token: Generation, status: StatusCode, there: Destination) {
        let mut held = self.held();
        held.coordinator.served(token, status, there);
        self.update_needs_outcomes(&held);
    }

    fn update_needs_outcomes(&self, held: &Held) {
        let needs_outcomes = held.coordinator.needs_outcomes();
        self.needs_outcomes.store(needs_outcomes, Ordering::Relaxed);
    }

    /// As [`Coordinator::is_in_doubt`].
    pub(super) fn is_in_doubt(&self) -> bool {
        self.held().coordinator.is_in_doubt()
    }

    /// As [`Coordinator::send`].
    pub(super) fn send(
        &self,
        stale: Generation,
        spends: Spends,
        base: &Token,
        now: Duration,
    ) -> Sending {
        let id = RefreshTokenId(self.ids.hash_one(base.refresh_token()));
        let mut held = self.held();
        held.coordinator.send(stale, spends, id, now)
    }

    /// As [`Coordinator::answered`].
    pub(super) fn answered(
        &self,
        stale: Generation,
        error: &RefreshError,
        spends: Spends,
        waiting: u32,
        now: Duration,
    ) -> Again {
        use RefreshErrorKind::{Misconfigured, Refused, Transient, Unknown};
        let answered = match (error.kind(), spends) {
            (Refused, _) => Answered::Refused,
            (Transient | Unknown, Spends::Nothing) => Answered::SpentNothing,
            (Transient, Spends::RefreshToken) => Answered::NotProcessed,
            (Unknown, Spends::RefreshToken) => Answered::Lost,
            (Misconfigured, Spends::RefreshToken) => Answered::Misconfigured,
            (Misconfigured, Spends::Nothing) => Answered::Refused,
        };
        let mut held = self.held();
        held.coordinator.answered(stale, answered, waiting, now)
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
                self.update_needs_outcomes(&held);
                self.events.record(EventKind::Refreshed { generation });
                Outcome::Refreshed
            }
            Landed::SameToken => {
                self.update_needs_outcomes(&held);
                held.token = Some(signer);
                let error = "the token endpoint answered with the access token that was refused";
                self.failed(&mut held, Arc::new(RefreshError::transient(error)), now)
            }
            Landed::Overtaken => Outcome::Overtaken,
        }
    }

    pub(super) fn fail(
        &self,
        stale: Generation,
        error: Arc<RefreshError>,
        jitter: u8,
        now: Duration,
    ) -> Outcome {
        let landing = match error.kind() {
            RefreshErrorKind::Refused => Landing::Refused,
            RefreshErrorKind::Unknown
            | RefreshErrorKind::Transient
            | RefreshErrorKind::Misconfigured => Landing::Failed(Rest {
                retry_after: error.retry_after(),
                jitter,
            }),
        };
        let mut held = self.held();
        match held.coordinator.land(stale, landing, now) {
            Landed::Counts(_) | Landed::SameToken => self.failed(&mut held, error, now),
            Landed::Overtaken => Outcome::Overtaken,
        }
    }

    /// What the last flight failed with, and until when the session rests.
    pub(super) fn failure(&self, now: Duration) -> Option<(Arc<RefreshError>, Option<Duration>)> {
        let held = self.held();
        let until = held.coordinator.rests_until(now);
        held.failure.clone().map(|failure| (failure, until))
    }

    fn failed(&self, held: &mut Held, error: Arc<RefreshError>, now: Duration) -> Outcome {
        held.failure = Some(Arc::clone(&error));
        let until = held.coordinator.rests_until(now);
        self.events.record(EventKind::RefreshFailed {
            generation: held.coordinator.generation(),
            error: Arc::clone(&error),
            retry_after: until.map(|until| until.saturating_sub(now)),
        });
        Outcome::Failed(error, until)
    }

    /// A fence: another token, or none; returns what there was. `owe` happens in the same step, so that what the store
    /// hears last is what happened last.
    pub(super) fn fence(
        &self,
        token: Option<(Arc<Token>, Renewable)>,
        runtime: &dyn Runtime,
        owe: impl FnOnce(Generation),
    ) -> Option<Arc<Token>> {
        let (token, term) = match token {
            Some((token, renewable)) => {
                let term = term(&token, renewable, runtime);
                (Some(token), Some(term))
            }
            None => (None, None),
        };
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
        self.events.record(event);
        let before = std::mem::replace(&mut held.token, signer);
        held.failure = None;
        self.update_needs_outcomes(&held);
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
fn term(token: &Token, renewable: Renewable, runtime: &dyn Runtime) -> Term {
    let lifetime = token.lifetime(runtime.wall_clock());
    Term {
        whole: token.whole_lifetime(),
        renewable,
        ..Term::new(runtime.now(), lifetime, runtime.jitter())
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
