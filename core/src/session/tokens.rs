//! One session's token, as the driver uses it.
//!
//! It puts the coordinator's answers into the driver's terms, and sees that a flight is driven.
//! It decides nothing.

use std::sync::Arc;
use std::time::Duration;

use super::credential::Credential;
use super::refresh::flight::{Flight, Outcome};
use super::refresh::{RefreshContext, reentrancy};
use super::store_queue::TokenPair;
use super::token_state::{Start, TokenState};
use crate::machine::{Admission, Destination, Refusal, Sendable, TokenStatus, Write};
use crate::store::StoreFailure;
use crate::{Error, ErrorKind, Generation, Reason, RefreshError, Runtime, Token};

#[derive(Clone)]
pub(super) struct Tokens {
    pub(super) state: Arc<TokenState>,
    pub(super) context: Arc<RefreshContext>,
}

/// How a request comes to a newer token.
pub(super) enum NextToken {
    /// There is one: [`Tokens::resume`].
    Ready,
    /// This flight brings one.
    Wait(Flight),
    /// Not at all: the refused answer is the caller's as it is, with this reason; without one,
    /// this error.
    Return(Reason, Error),
    /// Not at all, and the caller gets this error.
    Fail(Error),
}

impl Tokens {
    pub(super) fn runtime(&self) -> &dyn Runtime {
        &*self.context.runtime
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
        match self.state.enter(there, sendable, now, self.depart()) {
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
        let newest = self.state.onward(signed, there);
        newest.ok_or_else(Self::superseded)
    }

    pub(super) fn admit(&self, stale: Generation, refusal: Refusal) -> NextToken {
        let now = self.runtime().now();
        let mut begun = false;
        let depart = self.depart();
        let (admission, failure) = self.state.admit(stale, refusal, now, |stale| {
            begun = true;
            depart(stale)
        });
        match admission {
            Admission::Current(_) => {
                self.context.events.count(|counts| counts.spared += 1);
                NextToken::Ready
            }
            Admission::Await(flight) => {
                self.context
                    .events
                    .count(|counts| counts.joined += u64::from(!begun));
                NextToken::Wait(flight)
            }
            Admission::Resting { until } => NextToken::Fail(self.failed(failure, Some(until))),
            Admission::Refused => NextToken::Fail(self.failed(failure, None)),
            Admission::NoWay => {
                let error = Error::new(ErrorKind::SessionExpired);
                let error = error.because("there is nothing that could be traded for a new token");
                NextToken::Return(Reason::NotRefreshable, error)
            }
            Admission::SignedOut => NextToken::Fail(Error::new(ErrorKind::SignedOut)),
            Admission::Superseded => NextToken::Return(Reason::Superseded, Self::superseded()),
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

    /// Waits for a flight to land, where there is a place to wait.
    pub(super) async fn landed(&self, flight: Flight) -> Result<(), Error> {
        if reentrancy::is_marked(&Arc::downgrade(&self.state)) {
            let error = Error::new(ErrorKind::RefreshMisconfigured);
            return Err(error.because("the refresher sends through the session that it serves"));
        }
        flight.spawn(self.runtime());
        let waiter = self.state.waiter(&flight);
        let _waiter = waiter.ok_or_else(|| Error::new(ErrorKind::TooManyWaiting))?;
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
        *failure = match self.state.flight_for(held) {
            Some(flight) => self.landed(flight).await.err(),
            // It has landed by now.
            None => {
                let failure = self.state.failure(self.runtime().now());
                failure.map(|(error, until)| self.failed(Some(error), until))
            }
        };
        let renewed = self.state.renewed(held, there, self.runtime().now());
        renewed.ok_or_else(|| failure.take().unwrap_or_else(Self::superseded))
    }

    /// The token to replay with, once this next has new one.
    pub(super) async fn board(
        &self,
        next: NextToken,
        stale: Generation,
        there: Destination,
    ) -> Result<Credential, Error> {
        match next {
            NextToken::Ready => {}
            NextToken::Wait(flight) => self.landed(flight).await?,
            NextToken::Return(_, error) | NextToken::Fail(error) => return Err(error),
        }
        self.state.resume(stale, there).ok_or_else(Self::superseded)
    }

    /// The token to replay with, where there is one by now: for a request that waits for nothing.
    pub(super) fn newer(
        &self,
        next: NextToken,
        stale: Generation,
        there: Destination,
    ) -> Result<Credential, Error> {
        match next {
            NextToken::Ready => self.state.resume(stale, there).ok_or_else(Self::superseded),
            NextToken::Wait(flight) => {
                flight.spawn(self.runtime());
                let error = Error::new(ErrorKind::RefreshUnavailable);
                Err(error.because("the request has waited for its one refresh"))
            }
            NextToken::Return(_, error) | NextToken::Fail(error) => Err(error),
        }
    }

    /// A refresh for whoever comes next: it departs where there is a spawner, else with them.
    ///
    /// The reason of the coordinator, where it has one to return the answer.
    pub(super) fn refresh_beside(&self, stale: Generation, there: Destination) -> Option<Reason> {
        match self.admit(stale, Refusal::By(there)) {
            NextToken::Wait(flight) => flight.spawn(self.runtime()),
            NextToken::Return(reason, _) => return Some(reason),
            NextToken::Ready | NextToken::Fail(_) => {}
        }
        None
    }

    /// A fence; then the store hears of it, after all that was on its way there, and after that
    /// the token server, of a token that nobody needs any more.
    pub(super) async fn fence(&self, token: Option<Token>) -> Result<(), StoreFailure> {
        let token = token.map(Arc::new);
        let word = match &token {
            Some(token) => Write::SignedIn(TokenPair(Arc::clone(token))),
            None => Write::SignedOut,
        };
        let owe = |generation| self.context.store.fence(generation, word);
        let signs_out = token.is_none();
        let token = token.map(|token| {
            let renewable = self.context.renewable(&token);
            (token, renewable)
        });
        let before = self.state.fence(token, self.runtime(), owe);
        self.context.events.deliver();
        let flushed = self.context.flush().await;
        if signs_out {
            self.context.revoke(before).await;
        }
        flushed
    }

    /// Sees a departed flight and what the store is pending through to the end.
    pub(super) async fn close(&self) -> Result<(), StoreFailure> {
        if let Some(flight) = self.state.flight()
            && flight.has_departed()
            && !reentrancy::is_marked(&Arc::downgrade(&self.state))
        {
            flight.landed().await;
        }
        self.context.flush().await
    }

    fn depart(&self) -> impl FnOnce(Generation) -> Flight + '_ {
        |stale| {
            Flight::new(
                Arc::clone(&self.context),
                Arc::downgrade(&self.state),
                stale,
            )
        }
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
