//! The driver of one signed hop: it performs what the [`SessionMachine`] asks for, and tells it
//! what happened.

use std::future::Future;

use futures_util::future::{BoxFuture, FutureExt, TryFutureExt};

use super::drain;
use super::request::ReplayableRequest;
use super::request_state::{History, HopStart, RequestState};
use crate::machine::{
    Action, Destination, Input, OriginSet, Refusal, Replay, SessionMachine, Verdict,
};
use crate::session::credential::Credential;
use crate::session::events::EventKind;
use crate::session::tokens::NextToken;
use crate::session::{Answer, Inner};
use crate::{Error, Generation, Reason, RequestHead, Transport};

const ASKED_FOR: &str = "the driver tells the machine what it asked for";

/// What is awaited. An action is an answer's size longer, and no await has a place for it.
enum Step<'t, T: Transport> {
    Send(Generation),
    Refresh(BoxFuture<'t, Result<Credential, Answer<T>>>),
}

impl<T: Transport> Inner<T> {
    /// One signed hop, from its first attempt to its answer. A refused answer that is drained on
    /// the way stays behind, for an error to carry.
    pub(super) fn journey<'t, H: RequestHead<T>>(
        &'t self,
        request: &'t mut RequestState<'_, T, H>,
        ticket: HopStart,
    ) -> impl Future<Output = Answer<T>> + Send + 't {
        let mut machine = SessionMachine::new();
        async move {
            let origin = request.origin;
            let (mut input, mut credential) = self.start(&request.attempts, origin, ticket);
            let mut failure = None;
            loop {
                let step = match machine.handle(input).expect(ASKED_FOR) {
                    Action::Send { token } => Step::<T>::Send(token),
                    Action::Renew { held } => {
                        request.refreshing();
                        let there = self.there(request);
                        let renewed = self.tokens.renew(held, there, &mut failure);
                        Step::Refresh(renewed.map_err(Err).boxed())
                    }
                    Action::Refresh { stale, refused } => {
                        request.refreshing();
                        let there = self.there(request);
                        let history = request.history.get_or_insert_default();
                        let newer = self.refresh(stale, there, refused, history);
                        Step::Refresh(newer.boxed())
                    }
                    Action::FinishAndRefresh {
                        stale,
                        answer,
                        reason,
                    } => {
                        let beside = self.tokens.refresh_beside(stale, self.there(request));
                        return self.noted(answer, stale, Some(beside.unwrap_or(reason)));
                    }
                    Action::Readmit { stale, refused } => {
                        let there = self.there(request);
                        let history = request.history.get_or_insert_default();
                        let newer = self.readmit(stale, there, refused, failure.take(), history);
                        Step::Refresh(newer.boxed())
                    }
                    Action::Finish { answer, reason } => {
                        return self.noted(answer, request.attempts.generation(), reason);
                    }
                };
                input = match step {
                    Step::Send(token) => {
                        let signed = credential.take().filter(|held| held.generation == token);
                        let signed =
                            signed.expect("the driver signs with what it told the machine");
                        if request.attempts.have_begun() {
                            self.happened(EventKind::Replayed { generation: token });
                        }
                        let sent = request.attempts.send(Some(&signed), &self.transport)?;
                        drop(signed);
                        let answer = sent.await.map_err(Error::of_transport::<T>);
                        self.replied(answer, &machine, origin, &mut request.attempts)
                    }
                    Step::Refresh(newer) => match newer.await {
                        Ok(newer) => Input::Refreshed(credential.insert(newer).generation),
                        Err(answer) => Input::RefreshFailed(answer),
                    },
                };
            }
        }
    }

    /// Where a hop goes.
    fn there<H: RequestHead<T>>(&self, request: &RequestState<'_, T, H>) -> Destination {
        let uri = request.attempts.uri();
        self.tokens.state.at(request.origin, uri.path())
    }

    /// A newer token for a request whose token was not renewed, and is refused; or its answer where
    /// there is none by now.
    async fn readmit(
        &self,
        stale: Generation,
        there: Destination,
        refused: Answer<T>,
        failure: Option<Error>,
        history: &mut History,
    ) -> Result<Credential, Answer<T>> {
        let refused = refused.map_err(Err)?;
        let next = self.tokens.admit(stale, Refusal::By(there));
        if let NextToken::Return(reason, _) = next {
            return Err(self.noted(Ok(refused), stale, Some(reason)));
        }
        drain::drain::<T>(refused, self.tokens.runtime(), &mut history.refused).await;
        let newer = self.tokens.newer(next, stale, there);
        newer.map_err(|error| Err(failure.unwrap_or(error)))
    }

    /// What a hop begins with.
    fn start<H: RequestHead<T>>(
        &self,
        attempts: &ReplayableRequest<'_, T, H>,
        origin: OriginSet,
        ticket: HopStart,
    ) -> (Input<Answer<T>>, Option<Credential>) {
        match ticket {
            HopStart::First => {
                let state = &self.tokens.state;
                let there = state.at_if_it_matters(origin, || attempts.uri());
                let (status, credential) = self.tokens.enter(there, attempts.sendable());
                (Input::Start(status), credential)
            }
            HopStart::Onward(ticket) => {
                let (refresh, status, newest) = *ticket;
                (Input::hop(refresh, status), Some(newest))
            }
        }
    }

    /// A newer token for a request, or its answer where there is none.
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
                return Err(self.noted(Ok(refused), stale, Some(*reason)));
            }
            (Some(refused), _) => {
                drain::drain::<T>(refused, self.tokens.runtime(), &mut history.refused).await;
            }
            (None, _) => {}
        }
        self.tokens.board(next, stale, there).await.map_err(Err)
    }

    /// An answer that is the caller's, with what the session decided about it.
    #[inline]
    fn noted(
        &self,
        mut answer: Answer<T>,
        generation: Generation,
        reason: Option<Reason>,
    ) -> Answer<T> {
        if let (Ok(response), Some(reason)) = (&mut answer, reason) {
            T::extensions_mut(response).insert(reason);
            self.happened(EventKind::ReplayRefused { generation, reason });
        }
        answer
    }

    fn happened(&self, kind: EventKind) {
        let events = &self.tokens.context.events;
        events.record(kind);
        events.deliver();
    }

    #[inline]
    fn replied<H: RequestHead<T>>(
        &self,
        mut answer: Answer<T>,
        machine: &SessionMachine,
        origin: OriginSet,
        attempts: &mut ReplayableRequest<'_, T, H>,
    ) -> Input<Answer<T>> {
        let verdict = answer.as_mut().ok().map(|response| {
            let status = T::status(response);
            let judged = attempts.classifier(status, T::headers(response));
            let verdict = judged.map_or(Verdict::Answer, |classified| {
                let verdict = classified.verdict;
                classified.note(T::extensions_mut(response));
                verdict
            });
            if verdict == Verdict::Answer {
                let state = &self.tokens.state;
                state.served(attempts.generation(), status, origin, || attempts.uri());
            }
            verdict
        });
        let verdict = verdict.unwrap_or(Verdict::Answer);
        let replay = match verdict {
            Verdict::Challenge if machine.may_replay() => attempts.replay(),
            // A stream is left to its client, which may still be sending it.
            Verdict::Challenge | Verdict::Answer => Replay::BodyConsumed,
        };
        Input::Replied(verdict, replay, answer)
    }
}
