//! The loop over the attempts of one signed hop.
//!
//! Which attempt comes next is decided by the [`SessionMachine`].

use std::future::Future;

use futures_util::future::{BoxFuture, FutureExt, TryFutureExt};

use super::request::ReplayableRequest;
use super::request_state::{Answer, History, HopStart, RequestState};
use super::{Driver, drain};
use crate::machine::{
    Action, Destination, Input, OriginSet, Refusal, Replay, SessionMachine, Verdict,
};
use crate::runtime::beside;
use crate::session::credential::Credential;
use crate::session::events::EventKind;
use crate::session::tokens::NextToken;
use crate::{Error, Generation, Reason, RequestHead, Transport};

const ASKED_FOR: &str = "the driver tells the machine what it asked for";

/// What the loop awaits. It is kept small: an [`Action`] holds an answer, for which no await has
/// room.
enum Pending<'t, T: Transport> {
    Attempt(Generation),
    Token(BoxFuture<'t, Result<Credential, Answer<T>>>),
}

impl<T: Transport> Driver<T> {
    /// Runs one signed hop, from its first attempt to its answer. A refused answer that is drained
    /// on the way stays in the state, for an error to carry.
    pub(super) fn run_hop<'t, H: RequestHead<T>>(
        &'t self,
        state: &'t mut RequestState<'_, T, H>,
        start: HopStart,
    ) -> impl Future<Output = Answer<T>> + Send + 't {
        let mut machine = SessionMachine::new();
        async move {
            let origin = state.origin;
            let (mut input, mut credential) = self.start_hop(&state.request, origin, start);
            let mut failure = None;
            loop {
                let pending = match machine.handle(input).expect(ASKED_FOR) {
                    Action::Send { token } => Pending::<T>::Attempt(token),
                    Action::Renew { held } => {
                        state.spend_refresh();
                        let there = self.destination(state);
                        let renewed = self.tokens.renew(held, there, &mut failure);
                        Pending::Token(renewed.map_err(Err).boxed())
                    }
                    Action::Refresh { stale, refused } => {
                        state.spend_refresh();
                        let there = self.destination(state);
                        let history = state.history.get_or_insert_default();
                        let newer = self.refresh(stale, there, refused, history);
                        Pending::Token(newer.boxed())
                    }
                    Action::Readmit { stale, refused } => {
                        let there = self.destination(state);
                        let history = state.history.get_or_insert_default();
                        let newer = self.readmit(stale, there, refused, failure.take(), history);
                        Pending::Token(newer.boxed())
                    }
                    Action::FinishAndRefresh {
                        stale,
                        answer,
                        reason,
                    } => {
                        let there = self.destination(state);
                        let refreshing = self.tokens.refresh_in_background(stale, there);
                        return self.with_reason(answer, stale, Some(refreshing.unwrap_or(reason)));
                    }
                    Action::Finish { answer, reason } => {
                        return self.with_reason(answer, state.request.generation(), reason);
                    }
                };
                input = match pending {
                    Pending::Attempt(token) => {
                        let signed = credential.take().filter(|held| held.generation == token);
                        let signed =
                            signed.expect("the driver signs with what it told the machine");
                        if state.request.was_sent() {
                            let replayed = EventKind::Replayed { generation: token };
                            self.tokens.report(replayed);
                        }
                        let sent = state.request.send(Some(&signed), &self.transport)?;
                        drop(signed);
                        let answer = match self.tokens.state.is_unsaved() {
                            true => beside(sent, self.tokens.save_if_due()).boxed().await,
                            false => sent.await,
                        };
                        let answer = answer.map_err(Error::of_transport::<T>);
                        self.replied(answer, &machine, origin, &mut state.request)
                    }
                    Pending::Token(newer) => match newer.await {
                        Ok(newer) => Input::Refreshed(credential.insert(newer).generation),
                        Err(answer) => Input::RefreshFailed(answer),
                    },
                };
            }
        }
    }

    /// What a hop starts with.
    fn start_hop<H: RequestHead<T>>(
        &self,
        request: &ReplayableRequest<'_, T, H>,
        origin: OriginSet,
        start: HopStart,
    ) -> (Input<Answer<T>>, Option<Credential>) {
        match start {
            HopStart::First => {
                let state = &self.tokens.state;
                let there = state.destination_if_needed(origin, || request.uri());
                let (status, credential) = self.tokens.enter(there, request.sendable());
                (Input::Start(status), credential)
            }
            HopStart::Next(next) => {
                let (refresh, status, newest) = *next;
                let input = Input::hop(refresh, status, newest.generation);
                (input, Some(newest))
            }
        }
    }

    /// What the answer to an attempt means.
    #[inline]
    fn replied<H: RequestHead<T>>(
        &self,
        mut answer: Answer<T>,
        machine: &SessionMachine,
        origin: OriginSet,
        request: &mut ReplayableRequest<'_, T, H>,
    ) -> Input<Answer<T>> {
        let verdict = answer.as_mut().ok().map(|response| {
            let status = T::status(response);
            let classified = request.classify(status, T::headers(response));
            let verdict = classified.map_or(Verdict::Answer, |classified| {
                let verdict = classified.verdict;
                classified.add_to(T::extensions_mut(response));
                verdict
            });
            if verdict == Verdict::Answer {
                let state = &self.tokens.state;
                state.served(request.generation(), status, origin, || request.uri());
            }
            verdict
        });
        let verdict = verdict.unwrap_or(Verdict::Answer);
        let replay = match verdict {
            Verdict::Challenge if machine.may_replay() => request.replay(),
            // The client may still be sending the stream.
            Verdict::Challenge | Verdict::Answer => Replay::BodyConsumed,
        };
        Input::Replied(verdict, replay, answer)
    }

    /// Gets a newer token for a request; or returns the request's answer if there is none.
    async fn refresh(
        &self,
        stale: Generation,
        there: Destination,
        refused: Option<Answer<T>>,
        history: &mut History,
    ) -> Result<Credential, Answer<T>> {
        let refused = refused.transpose().map_err(Err)?;
        let refusal = match &refused {
            Some(_) => Refusal::By(there),
            None => Refusal::Unsigned(there),
        };
        let next = self.tokens.admit(stale, refusal);
        match (refused, &next) {
            (Some(refused), NextToken::Return(reason, _)) => {
                return Err(self.with_reason(Ok(refused), stale, Some(*reason)));
            }
            (Some(refused), _) => {
                drain::drain::<T>(refused, self.tokens.runtime(), &mut history.refused).await;
            }
            (None, _) => {}
        }
        self.tokens.newer(next, stale, refusal).await.map_err(Err)
    }

    /// As [`refresh`](Self::refresh), for a request that has waited for its one refresh: it waits
    /// for no other.
    async fn readmit(
        &self,
        stale: Generation,
        there: Destination,
        refused: Answer<T>,
        failure: Option<Error>,
        history: &mut History,
    ) -> Result<Credential, Answer<T>> {
        let refused = refused.map_err(Err)?;
        let refusal = Refusal::By(there);
        let next = self.tokens.admit(stale, refusal);
        if let NextToken::Return(reason, _) = next {
            return Err(self.with_reason(Ok(refused), stale, Some(reason)));
        }
        drain::drain::<T>(refused, self.tokens.runtime(), &mut history.refused).await;
        let newer = self.tokens.newer_now(next, stale, refusal);
        newer.map_err(|error| Err(failure.unwrap_or(error)))
    }

    /// Where the current hop goes.
    fn destination<H: RequestHead<T>>(&self, state: &RequestState<'_, T, H>) -> Destination {
        let uri = state.request.uri();
        self.tokens.state.destination(state.origin, uri.path())
    }

    /// The caller's answer, with the reason if the session returns a refused one.
    #[inline]
    fn with_reason(
        &self,
        mut answer: Answer<T>,
        generation: Generation,
        reason: Option<Reason>,
    ) -> Answer<T> {
        if let (Ok(response), Some(reason)) = (&mut answer, reason) {
            T::extensions_mut(response).insert(reason);
            let refused = EventKind::ReplayRefused { generation, reason };
            self.tokens.report(refused);
        }
        answer
    }
}
