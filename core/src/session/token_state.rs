//! The session's token and its coordinator, behind one lock.
//!
//! It decides nothing: it asks the [`Coordinator`], and keeps the token and the last error beside
//! what the coordinator says, so that they always change together. The lock is never held across
//! an await.

use std::hash::{BuildHasher, RandomState};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{StatusCode, Uri};

use super::credential::{Credential, Signer, SigningToken};
use super::events::{Dispatcher, EventKind};
use super::flight::{Flight, Outcome, Waiter};
use crate::machine::holder::Sent;
use crate::machine::{
    Admission, Again, CallFailure, Coordinator, Destination, Entry, Landed, Landing, OriginSet,
    PathId, RefreshTokenId, Refusal, Renewable, Rest, Resume, Rules, Sendable, Sending, Term, Wait,
};
use crate::sync::{Mutex, MutexGuard, lock};
use crate::{Generation, RefreshError, RefreshErrorKind, Runtime, Spends, Token};

pub(super) struct TokenState {
    locked: Mutex<Locked>,
    /// A copy of [`Coordinator::needs_outcomes`], so that few answers need the lock.
    needs_outcomes: AtomicBool,
    /// Whether the store has to be written by the next request.
    unsaved: AtomicBool,
    /// Tells paths apart.
    ids: RandomState,
    signer: Signer,
    events: Arc<Dispatcher>,
}

struct Locked {
    coordinator: Coordinator<Flight>,
    /// There while the coordinator has a token.
    token: Option<Arc<SigningToken>>,
    /// The error of the last flight, for the requests that come while it lasts.
    failure: Option<Arc<RefreshError>>,
}

impl TokenState {
    pub(super) fn new(
        rules: Rules,
        token: Option<Token>,
        signer: Signer,
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
            locked: Mutex::new(Locked {
                coordinator,
                token: token.map(|token| signer.with(Arc::new(token))),
                failure: None,
            }),
            needs_outcomes: AtomicBool::new(false),
            unsaved: AtomicBool::new(false),
            ids: RandomState::new(),
            signer,
            events,
        }
    }

    /// This path of this origin.
    pub(super) fn destination(&self, origin: OriginSet, path: &str) -> Destination {
        let id = PathId::new(self.ids.hash_one((origin, path)));
        Destination::new(origin, id)
    }

    /// As [`destination`](Self::destination), but reads the path only if something depends on it,
    /// which is rare.
    #[inline]
    pub(super) fn destination_if_needed(
        &self,
        origin: OriginSet,
        uri: impl FnOnce() -> Uri,
    ) -> Destination {
        match self.needs_outcomes.load(Ordering::Relaxed) {
            true => self.destination(origin, uri().path()),
            false => origin.into(),
        }
    }

    /// As [`Coordinator::enter`]; with a credential where the request may go.
    pub(super) fn enter(
        &self,
        there: Destination,
        sendable: Sendable,
        now: Duration,
        depart: impl FnOnce(Generation) -> Flight,
    ) -> (Entry<Flight>, Option<Credential>) {
        let mut locked = self.lock();
        let entry = locked.coordinator.enter(there, sendable, now, depart);
        let credential = match &entry {
            Entry::Go(_) | Entry::GoAndDepart(..) => locked.credential(),
            Entry::Renew(..) | Entry::Stale(_) => None,
        };
        (entry, credential)
    }

    /// As [`Coordinator::admit`]; with the error of the last flight.
    pub(super) fn admit(
        &self,
        stale: Generation,
        refusal: Refusal,
        now: Duration,
        depart: impl FnOnce(Generation) -> Flight,
    ) -> (Admission<Flight>, Option<Arc<RefreshError>>) {
        let mut locked = self.lock();
        let admission = locked.coordinator.admit(stale, refusal, now, depart);
        self.update_needs_outcomes(&locked);
        (admission, locked.failure.clone())
    }

    /// Joins the waiters of this flight, if there is room: under the lock, so that no other
    /// request takes the last place between the question and the answer.
    pub(super) fn wait(&self, flight: &Flight) -> Option<Waiter> {
        let locked = self.lock();
        match locked.coordinator.wait(flight.waiting()) {
            Wait::Allowed => Some(flight.add_waiter()),
            Wait::Full => None,
        }
    }

    /// As [`Coordinator::resume`].
    pub(super) fn resume(
        &self,
        stale: Generation,
        refusal: Refusal,
        there: Destination,
        now: Duration,
    ) -> Result<Credential, Resume> {
        let mut locked = self.lock();
        let resume = locked.coordinator.resume(stale, refusal, there, now);
        locked.resumed(resume)
    }

    /// As [`Coordinator::renewed`].
    pub(super) fn renewed(
        &self,
        held: Generation,
        there: Destination,
        now: Duration,
    ) -> Result<Credential, Resume> {
        let mut locked = self.lock();
        let resume = locked.coordinator.renewed(held, there, now);
        locked.resumed(resume)
    }

    /// As [`Coordinator::token_for_hop`].
    pub(super) fn token_for_hop(
        &self,
        signed: Generation,
        there: Destination,
    ) -> Option<Credential> {
        let mut locked = self.lock();
        locked.coordinator.token_for_hop(signed, there)?;
        locked.credential()
    }

    /// The token that a flight is to replace, if the flight still counts.
    pub(super) fn awaited(&self, stale: Generation) -> Awaited {
        let locked = self.lock();
        match (&locked.token, locked.coordinator.awaits(stale)) {
            (_, false) => Awaited::Overtaken,
            (Some(token), true) => Awaited::Token(Arc::clone(&token.token)),
            (None, true) => Awaited::SignedOut,
        }
    }

    /// As [`Coordinator::is_looking`].
    pub(super) fn is_looking(&self) -> bool {
        self.lock().coordinator.is_looking()
    }

    /// Ends a flight that looked for a sign-in of another session, and found none.
    pub(super) fn still_signed_out(&self, stale: Generation, now: Duration) -> Outcome {
        let landed = self.lock().coordinator.land(stale, Landing::Refused, now);
        match landed {
            Landed::Counts(_) | Landed::SameToken => Outcome::SignedOut,
            Landed::Overtaken => Outcome::Overtaken,
        }
    }

    /// A server answered a request that carried this token, and did not refuse the token.
    #[inline]
    pub(super) fn served(
        &self,
        token: Generation,
        status: StatusCode,
        origin: OriginSet,
        uri: impl FnOnce() -> Uri,
    ) {
        if self.needs_outcomes.load(Ordering::Relaxed) {
            self.served_with_lock(token, status, self.destination(origin, uri().path()));
        }
    }

    /// Whether the store has to be written, and no task does.
    #[inline]
    pub(super) fn is_unsaved(&self) -> bool {
        self.needs_outcomes.load(Ordering::Relaxed) && self.unsaved.load(Ordering::Relaxed)
    }

    pub(super) fn set_unsaved(&self, unsaved: bool) {
        self.unsaved.store(unsaved, Ordering::Relaxed);
        self.update_needs_outcomes(&self.lock());
    }

    #[cold]
    fn served_with_lock(&self, token: Generation, status: StatusCode, there: Destination) {
        let mut locked = self.lock();
        locked.coordinator.served(token, status, there);
        self.update_needs_outcomes(&locked);
    }

    fn update_needs_outcomes(&self, locked: &Locked) {
        let unsaved = self.unsaved.load(Ordering::Relaxed);
        let needs_outcomes = unsaved || locked.coordinator.needs_outcomes();
        self.needs_outcomes.store(needs_outcomes, Ordering::Relaxed);
    }

    /// As [`Coordinator::is_in_doubt`].
    pub(super) fn is_in_doubt(&self) -> bool {
        self.lock().coordinator.is_in_doubt()
    }

    /// As [`Coordinator::begin_call`] and [`Coordinator::send_before`].
    pub(super) fn begin_call(
        &self,
        stale: Generation,
        spends: Spends,
        id: RefreshTokenId,
        shared: Option<Sent>,
        now: Duration,
    ) -> (Sending, Option<Duration>) {
        let mut locked = self.lock();
        let sending = locked
            .coordinator
            .begin_call(stale, spends, id, shared, now);
        (sending, locked.coordinator.send_before())
    }

    /// As [`Coordinator::call_failed`].
    pub(super) fn call_failed(
        &self,
        stale: Generation,
        error: &RefreshError,
        spends: Spends,
        waiting: u32,
        now: Duration,
    ) -> Again {
        let failure = call_failure(error, spends);
        let mut locked = self.lock();
        locked.coordinator.call_failed(stale, failure, waiting, now)
    }

    /// Ends a flight that brought this token. `hold` is called under the lock, if it counts.
    pub(super) fn publish(
        &self,
        stale: Generation,
        landing: Landing,
        token: Arc<Token>,
        now: Duration,
        hold: impl FnOnce(),
    ) -> Outcome {
        // Outside the lock: the scheme may be the application's.
        let token = self.signer.with(token);
        let adopted = landing.is_adopted();
        let mut locked = self.lock();
        match locked.coordinator.land(stale, landing, now) {
            Landed::Counts(generation) => {
                hold();
                locked.token = Some(token);
                // Frees its memory: nothing reads it until the next failure replaces it.
                locked.failure = None;
                self.update_needs_outcomes(&locked);
                self.events.record(match adopted {
                    true => EventKind::Adopted { generation },
                    false => EventKind::Refreshed { generation },
                });
                Outcome::Refreshed
            }
            Landed::SameToken => {
                hold();
                self.update_needs_outcomes(&locked);
                locked.token = Some(token);
                let error = "the token endpoint answered with the access token that was refused";
                self.failed(&mut locked, Arc::new(RefreshError::transient(error)), now)
            }
            Landed::Overtaken => Outcome::Overtaken,
        }
    }

    /// Ends a flight that failed.
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
        let mut locked = self.lock();
        let looking = locked.coordinator.is_looking();
        match (
            locked.coordinator.land(stale, landing, now),
            &locked.failure,
        ) {
            // It had ended before, and why was reported then.
            (Landed::Counts(_), Some(failure)) if looking => {
                Outcome::Failed(Arc::clone(failure), None)
            }
            (Landed::Counts(_) | Landed::SameToken, _) => self.failed(&mut locked, error, now),
            (Landed::Overtaken, _) => Outcome::Overtaken,
        }
    }

    /// The error of the last flight, and until when the session backs off.
    pub(super) fn failure(&self, now: Duration) -> Option<(Arc<RefreshError>, Option<Duration>)> {
        let locked = self.lock();
        let until = locked.coordinator.rests_until(now);
        locked.failure.clone().map(|failure| (failure, until))
    }

    fn failed(&self, locked: &mut Locked, error: Arc<RefreshError>, now: Duration) -> Outcome {
        locked.failure = Some(Arc::clone(&error));
        let until = locked.coordinator.rests_until(now);
        self.events.record(EventKind::RefreshFailed {
            generation: locked.coordinator.generation(),
            error: Arc::clone(&error),
            retry_after: until.map(|until| until.saturating_sub(now)),
        });
        Outcome::Failed(error, until)
    }

    /// A sign-in with this token, or a sign-out: a fence. Returns the token that was in force.
    ///
    /// `write` happens under the lock, so that the last write to the store is the last fence.
    pub(super) fn fence(
        &self,
        token: Option<FenceToken>,
        runtime: &dyn Runtime,
        write: impl FnOnce(),
    ) -> Option<Arc<Token>> {
        let (token, term) = self.signed_in(token, runtime);
        let mut locked = self.lock();
        let overtaken = locked.coordinator.flight().cloned();
        self.events.record(match term {
            Some((term, id)) => EventKind::SignedIn {
                generation: locked.coordinator.sign_in(term, id),
            },
            None => EventKind::SignedOut {
                generation: locked.coordinator.sign_out(),
            },
        });
        let before = mem::replace(&mut locked.token, token);
        locked.failure = None;
        self.update_needs_outcomes(&locked);
        write();
        drop(locked);
        // Outside the lock: this may drop the refresher's future, which can do anything.
        drop(overtaken);
        before.map(|before| Arc::clone(&before.token))
    }

    /// A sign-in or sign-out of another session, if `follow` says under the lock that it counts.
    pub(super) fn follow(
        &self,
        token: Option<FenceToken>,
        runtime: &dyn Runtime,
        follow: impl FnOnce() -> bool,
    ) -> Outcome {
        let (token, term) = self.signed_in(token, runtime);
        let mut locked = self.lock();
        if !follow() {
            return Outcome::Overtaken;
        }
        let overtaken = locked.coordinator.flight().cloned();
        let (event, outcome) = match term {
            Some((term, id)) => {
                let generation = locked.coordinator.sign_in_elsewhere(term, id);
                (
                    EventKind::SignedInElsewhere { generation },
                    Outcome::SignedIn,
                )
            }
            None => {
                let generation = locked.coordinator.sign_out();
                (
                    EventKind::SignedOutElsewhere { generation },
                    Outcome::Overtaken,
                )
            }
        };
        self.events.record(event);
        locked.token = token;
        locked.failure = None;
        self.update_needs_outcomes(&locked);
        drop(locked);
        drop(overtaken);
        outcome
    }

    fn signed_in(
        &self,
        token: Option<FenceToken>,
        runtime: &dyn Runtime,
    ) -> (Option<Arc<SigningToken>>, Option<(Term, RefreshTokenId)>) {
        let Some((token, renewable, id)) = token else {
            return (None, None);
        };
        let term = term(&token, renewable, runtime);
        // Outside the lock: the scheme may be the application's.
        (Some(self.signer.with(token)), Some((term, id)))
    }

    /// The flight in progress, if it replaces this generation.
    pub(super) fn flight_for(&self, stale: Generation) -> Option<Flight> {
        let locked = self.lock();
        let awaited = locked.coordinator.awaits(stale);
        locked.coordinator.flight().filter(|_| awaited).cloned()
    }

    pub(super) fn generation(&self) -> Generation {
        self.lock().coordinator.generation()
    }

    pub(super) fn flight(&self) -> Option<Flight> {
        self.lock().coordinator.flight().cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Locked> {
        lock(&self.locked)
    }
}

/// What a flight finds that replaces a token.
pub(super) enum Awaited {
    Token(Arc<Token>),
    /// None: it looks for a sign-in of another session.
    SignedOut,
    /// The flight does not count any more.
    Overtaken,
}

/// The token of a sign-in.
pub(super) type FenceToken = (Arc<Token>, Renewable, RefreshTokenId);

/// What a call without a token says of the refresh token.
pub(super) fn call_failure(error: &RefreshError, spends: Spends) -> CallFailure {
    use RefreshErrorKind::{Misconfigured, Refused, Transient, Unknown};
    match (error.kind(), spends) {
        (Refused, _) => CallFailure::Refused,
        (Transient | Unknown, Spends::Nothing) => CallFailure::SpentNothing,
        (Transient, Spends::RefreshToken) => CallFailure::NotProcessed,
        (Unknown, Spends::RefreshToken) => CallFailure::Lost,
        (Misconfigured, Spends::RefreshToken) => CallFailure::Misconfigured,
        (Misconfigured, Spends::Nothing) => CallFailure::MisconfiguredSpentNothing,
    }
}

/// The term of a token that the session has from now on.
fn term(token: &Token, renewable: Renewable, runtime: &dyn Runtime) -> Term {
    let lifetime = token.lifetime(runtime.wall_clock());
    Term {
        whole: token.whole_lifetime(),
        renewable,
        ..Term::new(runtime.now(), lifetime, runtime.jitter())
    }
}

impl Locked {
    /// The credential of a request that goes on.
    fn resumed(&self, resume: Resume) -> Result<Credential, Resume> {
        let credential = match resume {
            Resume::With(_) => self.credential(),
            Resume::Expired | Resume::Superseded => None,
        };
        credential.ok_or(resume)
    }

    fn credential(&self) -> Option<Credential> {
        Some(Credential {
            generation: self.coordinator.generation(),
            token: Arc::clone(self.token.as_ref()?),
        })
    }
}
