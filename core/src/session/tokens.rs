//! One session's token, as the driver uses it.
//!
//! It puts the coordinator's answers into the driver's terms, and sees that a flight is driven.
//! It decides nothing.

use std::sync::Arc;
use std::time::Duration;

use super::credential::Credential;
use super::refresh::flight::{Flight, Outcome};
use super::refresh::{Crew, reentrancy as reentry};
use super::store_queue::Kept;
use super::token_state::{Cell, Start};
use crate::machine::{Admission, Destination, Refusal, Sendable, TokenStatus, Word};
use crate::store::StoreFailure;
use crate::{Error, ErrorKind, Generation, Reason, RefreshError, Runtime, Token};

#[derive(Clone)]
pub(super) struct Vault {
    pub(super) cell: Arc<Cell>,
    pub(super) crew: Arc<Crew>,
}

/// How a request comes to a newer token.
pub(super) enum Boarding {
    /// There is one: [`Vault::resume`].
    Ready,
    /// This flight brings one.
    Wait(Flight),
    /// Not at all: the refused answer is the caller's as it is, with this reason; without one,
    /// this error.
    Return(Reason, Error),
    /// Not at all, and the caller gets this error.
    Fail(Error),
}

impl Vault {
    pub(super) fn runtime(&self) -> &dyn Runtime {
        &*self.crew.runtime
    }

    /// What a new request that is to go there has to sign with.
    pub(super) fn enter(
        &self,
        there: Destination,
        sendable: Sendable,
    ) -> (TokenStatus, Option<Credential>) {
        let go = |credential: Credential| {
            let status = TokenStatus::Usable(credential.generation);
            (status, Some(credential))
        };
        let now = self.runtime().now();
        match self.cell.enter(there, sendable, now, self.depart()) {
            Start::Go(credential) => go(credential),
            Start::GoBeside(credential, flight) => {
                flight.spawn(self.runtime());
                go(credential)
            }
            Start::Renew(held) => (TokenStatus::Expiring(held), None),
            Start::Stale(stale) => (TokenStatus::Stale(stale), None),
        }
    }

    /// The newest token for another hop of a request that was signed with this generation.
    pub(super) fn onward(
        &self,
        signed: Generation,
        there: Destination,
    ) -> Result<Credential, Error> {
        let newest = self.cell.onward(signed, there);
        newest.ok_or_else(Self::superseded)
    }

    pub(super) fn admit(&self, stale: Generation, refusal: Refusal) -> Boarding {
        let now = self.runtime().now();
        let mut begun = false;
        let depart = self.depart();
        let (admission, failure) = self.cell.admit(stale, refusal, now, |stale| {
            begun = true;
            depart(stale)
        });
        match admission {
            Admission::Current(_) => {
                self.crew.herald.count(|counts| counts.spared += 1);
                Boarding::Ready
            }
            Admission::Await(flight) => {
                self.crew
                    .herald
                    .count(|counts| counts.joined += u64::from(!begun));
                Boarding::Wait(flight)
            }
            Admission::Resting { until } => Boarding::Fail(self.failed(failure, Some(until))),
            Admission::Refused => Boarding::Fail(self.failed(failure, None)),
            Admission::NoWay => {
                let error = Error::new(ErrorKind::SessionExpired);
                let error = error.because("there is nothing that could be traded for a new token");
                Boarding::Return(Reason::NotRefreshable, error)
            }
            Admission::SignedOut => Boarding::Fail(Error::new(ErrorKind::SignedOut)),
            Admission::Superseded => Boarding::Return(Reason::Superseded, Self::superseded()),
            Admission::Limited { until } => {
                let error = Error::new(ErrorKind::RefreshLimit);
                let error = error.with_retry_after(until.saturating_sub(now));
                Boarding::Return(Reason::RefreshLimit, error)
            }
            Admission::TooFresh { until } => {
                let error = Error::new(ErrorKind::RefreshUnavailable);
                let error = error.because("no server has accepted the new token yet");
                let error = error.with_retry_after(until.saturating_sub(now));
                Boarding::Return(Reason::TokenTooFresh, error)
            }
        }
    }

    /// Waits for a flight to land, where there is a place to wait.
    pub(super) async fn landed(&self, flight: Flight) -> Result<(), Error> {
        if reentry::is_marked(&Arc::downgrade(&self.cell)) {
            let error = Error::new(ErrorKind::RefreshMisconfigured);
            return Err(error.because("the refresher sends through the session that it serves"));
        }
        flight.spawn(self.runtime());
        let seat = self.cell.seat(&flight);
        let _seat = seat.ok_or_else(|| Error::new(ErrorKind::TooManyWaiting))?;
        match flight.landed().await {
            Outcome::Refreshed => Ok(()),
            Outcome::Failed(error, until) => Err(self.failed(Some(error), until)),
            Outcome::Overtaken => Err(Self::superseded()),
        }
    }

    /// The token to go with once this one was renewed, or was not; then why it was not stays
    /// behind.
    pub(super) async fn renew(
        &self,
        held: Generation,
        there: Destination,
        failure: &mut Option<Error>,
    ) -> Result<Credential, Error> {
        *failure = match self.cell.flight_for(held) {
            Some(flight) => self.landed(flight).await.err(),
            // It has landed by now.
            None => {
                let failure = self.cell.failure(self.runtime().now());
                failure.map(|(error, until)| self.failed(Some(error), until))
            }
        };
        let renewed = self.cell.renewed(held, there, self.runtime().now());
        renewed.ok_or_else(|| failure.take().unwrap_or_else(Self::superseded))
    }

    /// The token to replay with, once this boarding has brought one.
    pub(super) async fn board(
        &self,
        boarding: Boarding,
        stale: Generation,
        there: Destination,
    ) -> Result<Credential, Error> {
        match boarding {
            Boarding::Ready => {}
            Boarding::Wait(flight) => self.landed(flight).await?,
            Boarding::Return(_, error) | Boarding::Fail(error) => return Err(error),
        }
        self.cell.resume(stale, there).ok_or_else(Self::superseded)
    }

    /// The token to replay with, where there is one by now: for a request that waits for nothing.
    pub(super) fn newer(
        &self,
        boarding: Boarding,
        stale: Generation,
        there: Destination,
    ) -> Result<Credential, Error> {
        match boarding {
            Boarding::Ready => self.cell.resume(stale, there).ok_or_else(Self::superseded),
            Boarding::Wait(flight) => {
                flight.spawn(self.runtime());
                let error = Error::new(ErrorKind::RefreshUnavailable);
                Err(error.because("the request has waited for its one refresh"))
            }
            Boarding::Return(_, error) | Boarding::Fail(error) => Err(error),
        }
    }

    /// A refresh for whoever comes next: it departs where there is a spawner, else with them.
    ///
    /// The reason of the coordinator, where it has one to return the answer.
    pub(super) fn refresh_beside(&self, stale: Generation, there: Destination) -> Option<Reason> {
        match self.admit(stale, Refusal::By(there)) {
            Boarding::Wait(flight) => flight.spawn(self.runtime()),
            Boarding::Return(reason, _) => return Some(reason),
            Boarding::Ready | Boarding::Fail(_) => {}
        }
        None
    }

    /// A fence; then the store hears of it, after all that was on its way there, and after that
    /// the token server, of a token that nobody needs any more.
    pub(super) async fn fence(&self, token: Option<Token>) -> Result<(), StoreFailure> {
        let token = token.map(Arc::new);
        let word = match &token {
            Some(token) => Word::SignedIn(Kept(Arc::clone(token))),
            None => Word::SignedOut,
        };
        let owe = |generation| self.crew.keeper.fence(generation, word);
        let signs_out = token.is_none();
        let token = token.map(|token| {
            let renewable = self.crew.renewable(&token);
            (token, renewable)
        });
        let before = self.cell.fence(token, self.runtime(), owe);
        self.crew.herald.tell();
        let settled = self.crew.settle().await;
        if signs_out {
            self.crew.revoke(before).await;
        }
        settled
    }

    /// Sees a departed flight and what the store is owed through to the end.
    pub(super) async fn close(&self) -> Result<(), StoreFailure> {
        if let Some(flight) = self.cell.flight()
            && flight.has_departed()
            && !reentry::is_marked(&Arc::downgrade(&self.cell))
        {
            flight.landed().await;
        }
        self.crew.settle().await
    }

    fn depart(&self) -> impl FnOnce(Generation) -> Flight + '_ {
        |stale| Flight::new(Arc::clone(&self.crew), Arc::downgrade(&self.cell), stale)
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

    fn superseded() -> Error {
        Error::new(ErrorKind::Superseded)
    }
}
