//! What a request asks of its session's token: enter, admit, wait, renew, resume.
//!
//! It puts the answers of the [`Coordinator`](crate::machine::Coordinator) into the driver's terms,
//! and sees that a flight is driven. It decides nothing.

use std::sync::Arc;
use std::time::Duration;

use super::credential::Credential;
use super::events::{Dispatcher, EventKind};
use super::flight::{Flight, Outcome};
use super::refresh::reentrancy::Key;
use super::refresh::{self, RefreshContext};
use super::store_queue::Delivered;
use super::token_state::TokenState;
use crate::machine::{Admission, Destination, Entry, Refusal, Resume, Sendable, TokenStatus};
use crate::store::StoreFailure;
use crate::{Error, ErrorKind, Generation, Reason, RefreshError, Runtime, Token};

/// The token of one session, and its refreshes.
#[derive(Clone)]
pub(super) struct Tokens {
    pub(super) state: Arc<TokenState>,
    pub(super) context: Arc<RefreshContext>,
}

/// How a request gets a newer token.
pub(super) enum NextToken {
    /// The session has one.
    Ready,
    /// This flight brings one.
    Wait(Flight),
    /// It gets none: the refused answer goes to the caller, with this reason. A request without an
    /// answer fails with this error.
    Return(Reason, Error),
    /// It gets none, and fails with this error.
    Fail(Error),
}

impl Tokens {
    /// What a new request to this destination is signed with.
    pub(super) fn enter(
        &self,
        there: Destination,
        sendable: Sendable,
    ) -> (TokenStatus, Option<Credential>) {
        let now = self.runtime().now();
        let (entry, credential) = self.state.enter(there, sendable, now, self.depart());
        let status = match entry {
            Entry::Go(token) => TokenStatus::Usable(token),
            Entry::GoAndDepart(token, flight) => {
                flight.spawn(self.runtime());
                TokenStatus::Usable(token)
            }
            Entry::Renew(held, _) => TokenStatus::Expiring(held),
            Entry::Stale(stale) => TokenStatus::Stale(stale),
        };
        (status, credential)
    }

    /// The newest token, for the next hop of a request that was signed with this generation.
    pub(super) fn token_for_hop(
        &self,
        signed: Generation,
        there: Destination,
    ) -> Result<Credential, Error> {
        let newest = self.state.token_for_hop(signed, there);
        newest.ok_or_else(superseded)
    }

    /// How a request gets a token newer than this generation.
    pub(super) fn admit(&self, stale: Generation, refusal: Refusal) -> NextToken {
        let now = self.runtime().now();
        let mut departs = false;
        let depart = self.depart();
        let (admission, failure) = self.state.admit(stale, refusal, now, |stale| {
            departs = true;
            depart(stale)
        });
        match admission {
            Admission::Current(_) => {
                self.events().count(|counts| counts.spared += 1);
                NextToken::Ready
            }
            Admission::Await(flight) => {
                let joins = u64::from(!departs);
                self.events().count(|counts| counts.joined += joins);
                NextToken::Wait(flight)
            }
            Admission::Resting { until } => NextToken::Fail(self.failed(failure, Some(until))),
            Admission::Refused => NextToken::Fail(self.failed(failure, None)),
            Admission::NoWay => {
                let error = Error::new(ErrorKind::SessionExpired);
                let error = error.because("the grant cannot refresh this token");
                NextToken::Return(Reason::NotRefreshable, error)
            }
            Admission::SignedOut => NextToken::Fail(Error::new(ErrorKind::SignedOut)),
            Admission::Superseded => NextToken::Return(Reason::Superseded, superseded()),
            Admission::Limited { until } => {
                let error = Error::new(ErrorKind::RefreshLimit);
                let error = error.with_retry_after(until.saturating_sub(now));
                NextToken::Return(Reason::RefreshLimit, error)
            }
            Admission::TooFresh { until } => {
                let error = Error::new(ErrorKind::RefreshUnavailable);
                let error = error.because("no server has accepted the new token yet");
                let error = error.with_retry_after(until.saturating_sub(now));
                NextToken::Return(Reason::TokenTooFresh, error)
            }
        }
    }

    /// Waits for the token to replay with.
    pub(super) async fn newer(
        &self,
        next: NextToken,
        stale: Generation,
        refusal: Refusal,
    ) -> Result<Credential, Error> {
        match next {
            NextToken::Ready => {}
            NextToken::Wait(flight) => self.wait(flight).await?,
            NextToken::Return(_, error) | NextToken::Fail(error) => return Err(error),
        }
        self.resume(stale, refusal)
    }

    /// The token to replay with, if there is one now: for a request that has waited already.
    pub(super) fn newer_now(
        &self,
        next: NextToken,
        stale: Generation,
        refusal: Refusal,
    ) -> Result<Credential, Error> {
        match next {
            NextToken::Ready => self.resume(stale, refusal),
            NextToken::Wait(flight) => {
                flight.spawn(self.runtime());
                let error = Error::new(ErrorKind::RefreshUnavailable);
                Err(error.because("the request has waited for its one refresh"))
            }
            NextToken::Return(_, error) | NextToken::Fail(error) => Err(error),
        }
    }

    /// Waits until this token is renewed. Returns the newer one, or else this one if it can still
    /// be used; then `failure` says why it was not renewed.
    pub(super) async fn renew(
        &self,
        held: Generation,
        there: Destination,
        failure: &mut Option<Error>,
    ) -> Result<Credential, Error> {
        *failure = match self.state.flight_for(held) {
            Some(flight) => self.wait(flight).await.err(),
            // It has landed since.
            None => {
                let failure = self.state.failure(self.runtime().now());
                failure.map(|(error, until)| self.failed(Some(error), until))
            }
        };
        let renewed = self.state.renewed(held, there, self.runtime().now());
        renewed.map_err(|resume| failure.take().unwrap_or_else(|| not_resumed(resume)))
    }

    /// The token of a request that goes on.
    fn resume(&self, stale: Generation, refusal: Refusal) -> Result<Credential, Error> {
        let now = self.runtime().now();
        let resumed = self
            .state
            .resume(stale, refusal, refusal.destination(), now);
        resumed.map_err(not_resumed)
    }

    /// Refreshes for the requests to come; this one does not wait. Without a spawner, the next
    /// request drives the refresh.
    ///
    /// Returns the coordinator's reason if there is no refresh.
    pub(super) fn refresh_in_background(
        &self,
        stale: Generation,
        there: Destination,
    ) -> Option<Reason> {
        match self.admit(stale, Refusal::By(there)) {
            NextToken::Wait(flight) => flight.spawn(self.runtime()),
            NextToken::Return(reason, _) => return Some(reason),
            NextToken::Ready | NextToken::Fail(_) => {}
        }
        None
    }

    /// A sign-in with this token, or a sign-out. The store is written next, after the writes that
    /// are pending; then the token that was in force is revoked, if this is a sign-out.
    pub(super) async fn fence(&self, token: Option<Token>) -> Result<(), Error> {
        let token = token.map(Arc::new);
        let (signs_out, stored) = (token.is_none(), token.clone());
        let now = self.runtime().now();
        let write = || {
            if let Some(store) = &self.context.store {
                store.fence(stored, now);
            }
        };
        let token = token.map(|token| self.context.fence_token(token));
        let before = self.state.fence(token, self.runtime(), write);
        self.events().deliver();
        let delivered = self.context.deliver_or_follow(&self.state).await;
        if signs_out {
            self.context.revoke(before).await;
        }
        match delivered.map_err(in_store)? {
            Delivered::Yes => Ok(()),
            Delivered::GivenUp => {
                let error = "another session that shares the store was signed in or out since";
                Err(Error::new(ErrorKind::Superseded).because(error))
            }
        }
    }

    /// Waits until a refresh that has departed lands, and the store is written.
    pub(super) async fn close(&self) -> Result<(), Error> {
        if let Some(flight) = self.state.flight()
            && flight.has_departed()
            && !self.key().is_polled()
        {
            flight.landed().await;
        }
        self.save().await
    }

    /// Writes the token that the session begins with.
    pub(super) async fn save_at_once(&self) {
        if self
            .context
            .store
            .as_ref()
            .is_some_and(|store| store.is_unsaved())
        {
            // What fails is tried again.
            _ = self.save().await;
        }
    }

    /// Writes what is not saved yet.
    pub(super) async fn save(&self) -> Result<(), Error> {
        let delivered = self.context.deliver_or_follow(&self.state).await;
        delivered.map(drop).map_err(in_store)
    }

    /// Writes what is not saved yet, if it is time to.
    pub(super) async fn save_if_due(&self) {
        let store = self.context.store.as_ref();
        let retry_in = || store.and_then(|store| store.retry_in());
        match retry_in() {
            Some(Duration::ZERO) => _ = self.save().await,
            Some(_) => {}
            // A look has written it. A save may fail while this is noted.
            None => {
                self.state.set_unsaved(false);
                if retry_in().is_some() {
                    self.state.set_unsaved(true);
                }
            }
        }
    }

    pub(super) fn runtime(&self) -> &dyn Runtime {
        &*self.context.runtime
    }

    /// Records an event, and delivers it.
    pub(super) fn report(&self, kind: EventKind) {
        self.events().record(kind);
        self.events().deliver();
    }

    pub(super) fn events(&self) -> &Dispatcher {
        &self.context.events
    }

    /// Waits until a flight lands, if there is room among its waiters.
    async fn wait(&self, flight: Flight) -> Result<(), Error> {
        if self.key().is_polled() {
            let error = Error::new(ErrorKind::RefreshMisconfigured);
            return Err(error.because("the refresher sends through the session that it serves"));
        }
        flight.spawn(self.runtime());
        let waiter = self.state.wait(&flight);
        let _waiter = waiter.ok_or_else(|| Error::new(ErrorKind::TooManyWaiting))?;
        match flight.landed().await {
            // Whether the request goes on is another question.
            Outcome::Refreshed | Outcome::SignedIn => Ok(()),
            Outcome::SignedOut => Err(Error::new(ErrorKind::SignedOut)),
            Outcome::Failed(error, until) => Err(self.failed(Some(error), until)),
            Outcome::Overtaken => Err(superseded()),
        }
    }

    fn key(&self) -> Key {
        Key::new(Arc::as_ptr(&self.state))
    }

    fn depart(&self) -> impl FnOnce(Generation) -> Flight + '_ {
        |stale| refresh::flight(&self.context, Arc::downgrade(&self.state), stale)
    }

    fn failed(&self, failure: Option<Arc<RefreshError>>, until: Option<Duration>) -> Error {
        let Some(failure) = failure else {
            return Error::new(ErrorKind::SessionExpired);
        };
        let error = Error::refresh(failure);
        match until {
            Some(until) => error.with_retry_after(until.saturating_sub(self.runtime().now())),
            None => error,
        }
    }
}

/// The error of a request for which there is no token.
fn not_resumed(resume: Resume) -> Error {
    match resume {
        Resume::Expired => {
            let error = Error::new(ErrorKind::RefreshUnavailable);
            error.because("the new token expired before the request could use it")
        }
        Resume::With(_) | Resume::Superseded => superseded(),
    }
}

fn in_store(error: StoreFailure) -> Error {
    Error::new(ErrorKind::Store).because(error)
}

fn superseded() -> Error {
    Error::new(ErrorKind::Superseded)
}
