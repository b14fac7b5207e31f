//! The driver of a request's hops: it reads where an answer leads, and sends the next hop.
//!
//! It holds no rule about redirects: which one is followed, and what the next hop carries, is
//! [`Itinerary`]'s.

mod chain;
mod location;

use std::fmt;

use bytes::BytesMut;
use http::uri::Scheme;
use http::{Request, Response, Uri};

#[cfg(test)]
pub(super) use chain::LONGEST_PATH;
pub use chain::RedirectChain;

use super::attempts::Attempts;
use super::passage::Passage;
use super::signer::Credential;
use super::{Answer, Inner, drain};
use crate::machine::itinerary::{
    Action, Channel, Credentials, Headers, Input, Place, Redirect, Refresh, Rewrite, Standing,
};
use crate::machine::{Input as SetOut, Itinerary, Sendable, TokenStatus};
use crate::origin::Origin;
use crate::{Body, Error, ErrorKind, Generation, Reason, Transport};

/// An extension of the response to a request that was redirected: where it comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct FinalUri(pub Uri);

/// Without the query, which may hold a secret.
impl fmt::Debug for FinalUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = chain::shown(&self.0);
        f.debug_tuple("FinalUri").field(&shown).finish()
    }
}

/// What a signed hop sets out with.
pub(super) type Ticket<T> = (SetOut<Answer<T>>, Option<Credential>);

/// What follows from an answer.
enum Onward<T: Transport> {
    /// It is the caller's.
    Answer(Answer<T>),
    /// Another hop.
    Hop {
        redirected: T::Response,
        redirect: Redirect,
        target: Uri,
        /// How the session stood, where it signs the hop.
        asked: Option<(Refresh, TokenStatus)>,
    },
}

const TOLD: &str = "the driver tells the itinerary what it asked for";

impl<T: Transport> Inner<T> {
    /// One request, from its first hop to its answer. A refused answer that is drained on the
    /// way stays behind, for an error to carry.
    pub(super) async fn travel(
        &self,
        request: Request<Body>,
        passage: Passage,
        drained: &mut Option<Response<BytesMut>>,
    ) -> Answer<T> {
        let mut itinerary = Itinerary::new(self.options.redirects);
        let mut attempts = Attempts::new(&self.options, request);
        let mut chain = RedirectChain::default();
        let credentials = match passage {
            Passage::Signed => Credentials::Session,
            Passage::AsItIs => Credentials::Callers,
        };
        let start = Input::Start(credentials, channel(attempts.uri()));
        let action = itinerary.handle(start).expect(TOLD);
        let mut ticket = (action == Action::Send(Credentials::Session)).then(|| {
            let (status, credential) = self.vault.enter(attempts.sendable());
            (SetOut::Start(status), credential)
        });
        loop {
            let answer = match ticket {
                Some(ticket) => {
                    let journey = self.journey(&mut attempts, &mut itinerary, ticket, drained);
                    journey.await
                }
                None => {
                    let request = attempts.unsigned();
                    self.send(request, attempts.resends()).await
                }
            };
            match self.onward(answer, &mut attempts, &mut itinerary, &mut chain) {
                Onward::Answer(answer) => return told::<T>(answer, &attempts, &chain),
                Onward::Hop {
                    redirected,
                    redirect,
                    target,
                    asked,
                } => {
                    drain::drain::<T>(redirected, self.vault.runtime(), &mut None).await;
                    let signed = attempts.generation();
                    attempts.turn(target, redirect, &self.origins.header);
                    let board = |asked| self.ticket(asked, signed);
                    ticket = asked.map(board).transpose()?;
                }
            }
        }
    }

    /// What the itinerary makes of an answer.
    fn onward(
        &self,
        mut answer: Answer<T>,
        attempts: &mut Attempts<'_>,
        itinerary: &mut Itinerary,
        chain: &mut RedirectChain,
    ) -> Onward<T> {
        let (mut input, target) = match &mut answer {
            Ok(response) if itinerary.follows() => self.read(response, attempts),
            Ok(_) | Err(_) => (Input::Answered, None),
        };
        let mut asked = None;
        loop {
            match itinerary.handle(input).expect(TOLD) {
                Action::Ask(refresh, redirect) => {
                    let (standing, status) = self.ask(refresh, redirect.rewrite, attempts);
                    asked = status.map(|status| (refresh, status));
                    input = Input::Token(standing);
                }
                Action::Follow(_, redirect) => {
                    chain.push(attempts.uri());
                    return match (answer, target) {
                        (Ok(redirected), Some(target)) => Onward::Hop {
                            redirected,
                            redirect,
                            target,
                            asked,
                        },
                        (answer, _) => Onward::Answer(answer),
                    };
                }
                Action::Return(reason) => {
                    if let (Ok(response), Some(reason)) = (&mut answer, reason) {
                        T::extensions_mut(response).insert(reason);
                    }
                    return Onward::Answer(answer);
                }
                Action::TooMany => {
                    chain.push(attempts.uri());
                    target.iter().for_each(|target| chain.push(target));
                    let error = Error::new(ErrorKind::TooManyRedirects);
                    return Onward::Answer(Err(error.because(chain.clone())));
                }
                Action::Send(_) | Action::GoOn => unreachable!("it was told of an answer"),
            }
        }
    }

    /// What an answer says about a next hop, and where that goes.
    fn read(
        &self,
        response: &mut T::Response,
        attempts: &mut Attempts<'_>,
    ) -> (Input, Option<Uri>) {
        // What the session decided something about is the caller's: it took it for a refusal.
        if T::extensions_mut(response).get::<Reason>().is_some() {
            return (Input::Answered, None);
        }
        let Some(rewrite) = Rewrite::of(T::status(response), attempts.method()) else {
            return (Input::Answered, None);
        };
        let Some(target) = location::target(attempts.uri(), T::headers(response)) else {
            return (Input::Misdirected, None);
        };
        let redirect = Redirect {
            place: match self.origins.allow(&target) {
                true => Place::Listed,
                false => Place::Stranger,
            },
            channel: channel(&target),
            headers: match Origin::of(attempts.uri()) == Origin::of(&target) {
                true => Headers::Kept,
                false => Headers::Stripped,
            },
            rewrite,
            body: attempts.body_left(rewrite),
        };
        (Input::Redirected(redirect), Some(target))
    }

    /// How the session stands, asked before the redirect is drained: it can still be returned.
    fn ask(
        &self,
        refresh: Refresh,
        rewrite: Rewrite,
        attempts: &Attempts<'_>,
    ) -> (Standing, Option<TokenStatus>) {
        if self.vault.onward(attempts.generation()).is_err() {
            return (Standing::Superseded, None);
        }
        let sendable = match refresh {
            Refresh::Left => attempts.sendable_behind(rewrite),
            // Whoever may not wait is not renewed for.
            Refresh::Spent => Sendable::Again,
        };
        let (status, _) = self.vault.enter(sendable);
        let standing = match status {
            TokenStatus::Usable(_) | TokenStatus::Expiring(_) => Standing::Usable,
            TokenStatus::Stale(_) => Standing::Stale,
        };
        (standing, Some(status))
    }

    /// What the next hop sets out with, once the redirect is drained: for nobody but whom the
    /// hop before was signed for.
    fn ticket(
        &self,
        (refresh, status): (Refresh, TokenStatus),
        signed: Generation,
    ) -> Result<Ticket<T>, Error> {
        let newest = self.vault.onward(signed)?;
        let status = match status {
            TokenStatus::Usable(_) => TokenStatus::Usable(newest.generation),
            TokenStatus::Expiring(_) | TokenStatus::Stale(_) => status,
        };
        Ok((SetOut::hop(refresh, status), Some(newest)))
    }
}

fn channel(uri: &Uri) -> Channel {
    if uri.scheme() == Some(&Scheme::HTTPS) {
        Channel::Tls
    } else {
        Channel::Plain
    }
}

/// A caller's answer, with where it comes from where that is not where it was sent.
fn told<T: Transport>(
    mut answer: Answer<T>,
    attempts: &Attempts<'_>,
    chain: &RedirectChain,
) -> Answer<T> {
    if chain.is_empty() {
        return answer;
    }
    if let Ok(response) = &mut answer {
        let uri = FinalUri(attempts.uri().clone());
        T::extensions_mut(response).insert(uri);
    }
    answer.map_err(Error::behind_a_redirect)
}
