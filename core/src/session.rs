//! The driver: it performs what the machines ask for, and tells them what happened.
//!
//! The only file that awaits for a request, with that of its hops. It holds no rule about tokens:
//! which attempt comes next is [`SessionMachine`]'s, which hop [`Itinerary`]'s, who refreshes
//! [`Coordinator`](crate::machine::Coordinator)'s.

mod attempt;
mod attempts;
mod bearer;
mod build_error;
mod builder;
mod cell;
mod control;
mod crew;
mod destinations;
mod drain;
mod event;
mod flight;
mod herald;
mod hops;
mod judgement;
mod keeper;
mod options;
mod passage;
mod reentry;
mod revoker;
mod signer;
mod vault;

use std::fmt;
use std::sync::Arc;

use bytes::BytesMut;
use http::{Request, Response};

pub use attempt::Attempt;
use attempts::Attempts;
pub use bearer::BearerToken;
pub use build_error::{BuildError, BuildErrorKind};
pub use builder::SessionBuilder;
pub use event::{Counts, Event, EventKind};
use hops::Ticket;
pub use hops::{FinalUri, RedirectChain};
pub use judgement::Answered;
use options::Options;
pub use options::{ReplayMethods, Timeout};
use passage::Origins;
pub use passage::WithoutCredentials;
use signer::Credential;
use vault::{Boarding, Vault};

use crate::machine::{Action, Input, Itinerary, Replay, SessionMachine, Verdict, itinerary};
use crate::runtime::before;
use crate::trace;
use crate::{Body, Error, ErrorKind, Generation, Reason, Transport};

/// An HTTP session whose token takes care of itself.
///
/// [`execute`](Self::execute) attaches the access token; when the server answers 401 the session
/// gets a new token, once however many requests were refused, and sends each of them again.
///
/// Clones are cheap and share one token, one refresh, one transport. What departed is finished
/// by whoever waits for it, by a spawned task where the runtime has them, else by the next
/// request or [`close`](Self::close).
pub struct Session<T> {
    inner: Arc<Inner<T>>,
}

struct Inner<T> {
    transport: Arc<T>,
    origins: Arc<Origins>,
    options: Arc<Options>,
    vault: Vault,
}

/// What the caller gets: the machine carries it and cannot look inside.
type Answer<T> = Result<<T as Transport>::Response, Error>;

impl<T: Transport> Session<T> {
    /// The options of a session over this transport.
    pub fn builder(transport: T) -> SessionBuilder<T> {
        SessionBuilder::new(transport)
    }

    /// Sends a request with the session's token, and again with a newer one where that is
    /// refused.
    ///
    /// The answer is the server's, after all that the session may do: a success, an error of the
    /// application, a 401 that remains. Where the session decided something about it, a
    /// [`Reason`] stands in its extensions. A request that has a header of its own where the
    /// token would go (`Authorization`, as a rule), or is [`WithoutCredentials`], goes as it is.
    ///
    /// # Errors
    ///
    /// An [`Error`] where a token that was needed was not to be had, where the request goes to an
    /// origin that the session does not know, where the transport failed, or where the request was
    /// redirected too often. Where a 401 came before, [`Error::refused`] has it.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons this request, whose attempt may have reached the server, and
    /// no other: a refresh that departed is the session's. So does its [`Timeout`].
    pub async fn execute<B: Into<Body>>(&self, request: Request<B>) -> Result<T::Response, Error> {
        let mut request = request.map(Into::into);
        self.inner.origins.resolve(&mut request)?;
        let passage = self.inner.origins.passage(&request)?;
        let timeout = self.inner.options.timeout(&request);
        let mut refused = None;
        let journey = self.inner.travel(request, passage, &mut refused);
        let answer = match timeout {
            None => journey.await,
            Some(timeout) => {
                let mut sleep = self.inner.vault.runtime().sleep(timeout);
                let in_time = before(&mut sleep, journey).await;
                in_time.unwrap_or_else(|| {
                    Err(Error::new(ErrorKind::Timeout).because("the request's timeout ran out"))
                })
            }
        };
        let refused = refused.map(|refused| refused.map(BytesMut::freeze));
        answer.map_err(|error| error.with_refused(refused))
    }
}

impl<T: Transport> Inner<T> {
    /// One signed hop, from its first attempt to its answer. A refused answer that is drained on
    /// the way stays behind, for an error to carry.
    async fn journey(
        &self,
        attempts: &mut Attempts<'_>,
        itinerary: &mut Itinerary,
        (mut input, mut credential): Ticket<T>,
        drained: &mut Option<Response<BytesMut>>,
    ) -> Answer<T> {
        let mut machine = SessionMachine::new();
        loop {
            let action = machine.handle(input);
            input = match action.expect("the driver tells the machine what it asked for") {
                Action::Send { token } => {
                    let signed = credential.take().filter(|held| held.generation == token);
                    let signed = signed.expect("the driver signs with what it told the machine");
                    if attempts.have_begun() {
                        self.happened(EventKind::Replayed { generation: token });
                    }
                    let request = attempts.sign(&signed);
                    let answer = self.send(request, attempts.resends()).await;
                    replied::<T>(answer, &machine, attempts)
                }
                Action::Renew { held } => {
                    refreshing(itinerary);
                    match self.vault.renew(held).await {
                        Ok(token) => Input::Refreshed(credential.insert(token).generation),
                        Err(error) => Input::RefreshFailed(Err(error)),
                    }
                }
                Action::Refresh { stale, refused } => {
                    refreshing(itinerary);
                    match self.refresh(stale, refused, drained).await {
                        Ok(newer) => Input::Refreshed(credential.insert(newer).generation),
                        Err(answer) => Input::RefreshFailed(answer),
                    }
                }
                Action::FinishAndRefresh {
                    stale,
                    answer,
                    reason,
                } => {
                    let reason = self.vault.refresh_beside(stale).unwrap_or(reason);
                    return self.noted(answer, stale, Some(reason));
                }
                Action::Finish { answer, reason } => {
                    return self.noted(answer, attempts.generation(), reason);
                }
            };
        }
    }

    /// One attempt, which was sent so many times before.
    async fn send(&self, request: Request<Body>, resends: u32) -> Answer<T> {
        let call = trace::Call::of(&request, resends);
        let sent = call.around::<T>(self.transport.send(request)).await;
        sent.map_err(|error| Error::transport(T::failure(&error), error))
    }

    /// A newer token for a request, or its answer where there is none.
    async fn refresh(
        &self,
        stale: Generation,
        refused: Option<Answer<T>>,
        drained: &mut Option<Response<BytesMut>>,
    ) -> Result<Credential, Answer<T>> {
        let refused = refused.transpose().map_err(Err)?;
        let boarding = self.vault.admit(stale);
        match (refused, &boarding) {
            (Some(refused), Boarding::Return(reason, _)) => {
                return Err(self.noted(Ok(refused), stale, Some(*reason)));
            }
            (Some(refused), _) => {
                drain::drain::<T>(refused, self.vault.runtime(), drained).await;
            }
            (None, _) => {}
        }
        self.vault.board(boarding, stale).await.map_err(Err)
    }

    /// An answer that is the caller's, with what the session decided about it.
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
}

/// The one refresh of a request, over all its hops.
fn refreshing(itinerary: &mut Itinerary) {
    let action = itinerary.handle(itinerary::Input::Refreshing);
    let action = action.expect("a hop that sets out after the refresh asks for none");
    debug_assert_eq!(action, itinerary::Action::GoOn);
}

fn replied<T: Transport>(
    mut answer: Answer<T>,
    machine: &SessionMachine,
    attempts: &mut Attempts,
) -> Input<Answer<T>> {
    let verdict = answer.as_mut().map_or(Verdict::Answer, |response| {
        let judgement = attempts.judge(T::status(response), T::headers(response));
        let verdict = judgement.verdict;
        judgement.note(T::extensions_mut(response));
        verdict
    });
    let replay = match verdict {
        Verdict::Challenge if machine.may_replay() => attempts.replay(),
        // A stream is left to its client, which may still be sending it.
        Verdict::Challenge | Verdict::Answer => Replay::BodyConsumed,
    };
    Input::Replied(verdict, replay, answer)
}

impl<T> Clone for Session<T> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<T> fmt::Debug for Session<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("origins", &self.inner.origins)
            .finish_non_exhaustive()
    }
}
