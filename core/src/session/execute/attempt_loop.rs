//! The driver of one signed hop: it performs what the [`SessionMachine`] asks for, and tells it
//! what happened.

use std::future::Future;

use futures_util::future::{BoxFuture, FutureExt, TryFutureExt};

use super::drain;
use super::request::Attempts;
use super::request_state::{Past, Ticket, Trip};
use crate::machine::{
    Action, Destination, Input, Origins, Refusal, Replay, SessionMachine, Verdict,
};
use crate::session::credential::Credential;
use crate::session::events::EventKind;
use crate::session::tokens::Boarding;
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
        trip: &'t mut Trip<'_, T, H>,
        ticket: Ticket,
    ) -> impl Future<Output = Answer<T>> + Send + 't {
        let mut machine = SessionMachine::new();
        async move {
            let origin = trip.origin;
            let (mut input, mut credential) = self.start(&trip.attempts, origin, ticket);
            let mut failure = None;
            loop {
                let step = match machine.handle(input).expect(ASKED_FOR) {
                    Action::Send { token } => Step::<T>::Send(token),
                    Action::Renew { held } => {
                        trip.refreshing();
                        let there = self.there(trip);
                        let renewed = self.vault.renew(held, there, &mut failure);
                        Step::Refresh(renewed.map_err(Err).boxed())
                    }
                    Action::Refresh { stale, refused } => {
                        trip.refreshing();
                        let there = self.there(trip);
                        let past = trip.past.get_or_insert_default();
                        let newer = self.refresh(stale, there, refused, past);
                        Step::Refresh(newer.boxed())
                    }
                    Action::FinishAndRefresh {
                        stale,
                        answer,
                        reason,
                    } => {
                        let beside = self.vault.refresh_beside(stale, self.there(trip));
                        return self.noted(answer, stale, Some(beside.unwrap_or(reason)));
                    }
                    Action::Readmit { stale, refused } => {
                        let there = self.there(trip);
                        let past = trip.past.get_or_insert_default();
                        let newer = self.readmit(stale, there, refused, failure.take(), past);
                        Step::Refresh(newer.boxed())
                    }
                    Action::Finish { answer, reason } => {
                        return self.noted(answer, trip.attempts.generation(), reason);
                    }
                };
                input = match step {
                    Step::Send(token) => {
                        let signed = credential.take().filter(|held| held.generation == token);
                        let signed =
                            signed.expect("the driver signs with what it told the machine");
                        if trip.attempts.have_begun() {
                            self.happened(EventKind::Replayed { generation: token });
                        }
                        let sent = trip.attempts.send(Some(&signed), &self.transport)?;
                        drop(signed);
                        let answer = sent.await.map_err(Error::of_transport::<T>);
                        self.replied(answer, &machine, origin, &mut trip.attempts)
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
    fn there<H: RequestHead<T>>(&self, trip: &Trip<'_, T, H>) -> Destination {
        let uri = trip.attempts.uri();
        self.vault.cell.at(trip.origin, uri.path())
    }

    /// A newer token for a request whose token was not renewed, and is refused; or its answer where
    /// there is none by now.
    async fn readmit(
        &self,
        stale: Generation,
        there: Destination,
        refused: Answer<T>,
        failure: Option<Error>,
        past: &mut Past,
    ) -> Result<Credential, Answer<T>> {
        let refused = refused.map_err(Err)?;
        let boarding = self.vault.admit(stale, Refusal::By(there));
        if let Boarding::Return(reason, _) = boarding {
            return Err(self.noted(Ok(refused), stale, Some(reason)));
        }
        drain::drain::<T>(refused, self.vault.runtime(), &mut past.refused).await;
        let newer = self.vault.newer(boarding, stale, there);
        newer.map_err(|error| Err(failure.unwrap_or(error)))
    }

    /// What a hop begins with.
    fn start<H: RequestHead<T>>(
        &self,
        attempts: &Attempts<'_, T, H>,
        origin: Origins,
        ticket: Ticket,
    ) -> (Input<Answer<T>>, Option<Credential>) {
        match ticket {
            Ticket::First => {
                let cell = &self.vault.cell;
                let there = cell.at_if_it_matters(origin, || attempts.uri());
                let (status, credential) = self.vault.enter(there, attempts.sendable());
                (Input::Start(status), credential)
            }
            Ticket::Onward(ticket) => {
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
        past: &mut Past,
    ) -> Result<Credential, Answer<T>> {
        let refused = refused.transpose().map_err(Err)?;
        let refusal = match &refused {
            Some(_) => Refusal::By(there),
            None => Refusal::Unsigned(there),
        };
        let boarding = self.vault.admit(stale, refusal);
        match (refused, &boarding) {
            (Some(refused), Boarding::Return(reason, _)) => {
                return Err(self.noted(Ok(refused), stale, Some(*reason)));
            }
            (Some(refused), _) => {
                drain::drain::<T>(refused, self.vault.runtime(), &mut past.refused).await;
            }
            (None, _) => {}
        }
        self.vault.board(boarding, stale, there).await.map_err(Err)
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
        let herald = &self.vault.crew.herald;
        herald.note(kind);
        herald.tell();
    }

    #[inline]
    fn replied<H: RequestHead<T>>(
        &self,
        mut answer: Answer<T>,
        machine: &SessionMachine,
        origin: Origins,
        attempts: &mut Attempts<'_, T, H>,
    ) -> Input<Answer<T>> {
        let verdict = answer.as_mut().ok().map(|response| {
            let status = T::status(response);
            let judged = attempts.judge(status, T::headers(response));
            let verdict = judged.map_or(Verdict::Answer, |judgement| {
                let verdict = judgement.verdict;
                judgement.note(T::extensions_mut(response));
                verdict
            });
            if verdict == Verdict::Answer {
                let cell = &self.vault.cell;
                cell.served(attempts.generation(), status, origin, || attempts.uri());
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
