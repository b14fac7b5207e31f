//! The driver of a request's hops: it reads where an answer leads, and sends the next hop.
//!
//! It holds no rule about redirects: which one is followed, and what the next hop carries, is
//! [`RedirectMachine`]'s.

mod attempt;
mod attempt_loop;
mod classify;
pub(super) mod drain;
mod head_buffer;
mod location;
mod next_hop;
pub(super) mod options;
mod origins;
mod redirect_chain;
mod request;
mod request_state;
mod saved_head;

use std::fmt;
use std::future::Future;

use futures_util::future::FutureExt;
use http::Uri;

pub use attempt::Attempt;
pub use classify::Answered;
pub(super) use options::Options;
pub use options::{ReplayMethods, Timeout};
pub(super) use origins::AllowedOrigins;
pub use origins::WithoutCredentials;
pub use redirect_chain::RedirectChain;

use self::origins::Passage;
use self::request::ReplayableRequest;
use self::request_state::{HopStart, RequestState};
use super::{Answer, Inner};
use crate::machine::redirects::{
    Action, Channel, Credentials, Headers, HopToken, Input, Redirect, Refresh, Rewrite,
    TargetOrigin,
};
use crate::machine::{Destination, OriginSet, RedirectMachine, Sendable, TokenStatus};
use crate::origin::{Address, Origin, shown};
use crate::{Body, Error, ErrorKind, Generation, Reason, RequestHead, Target, Transport};

/// An extension of the response to a request that was redirected: where it comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct FinalUri(pub Uri);

/// Without the query, which may hold a secret.
impl fmt::Debug for FinalUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = shown(&self.0);
        f.debug_tuple("FinalUri").field(&shown).finish()
    }
}

/// What the redirects makes of a redirect: boxed, since few answers are one.
struct Hop {
    redirect: Redirect,
    target: Next,
    /// How the session stood, where it signs the hop.
    asked: Option<(Refresh, TokenStatus)>,
}

/// Where a redirect leads, and which of the session's origins that is, if it is one.
struct Next {
    uri: Uri,
    origin: OriginSet,
}

const TOLD: &str = "the driver tells the redirects what it asked for";

impl<T: Transport> Inner<T> {
    /// A request that sets out, and why it may not.
    #[inline]
    pub(super) fn request<H: RequestHead<T>>(
        &self,
        head: H,
        body: Body,
    ) -> (RequestState<'_, T, H>, Option<Error>) {
        let target = head.target();
        let address = Address::of(target);
        let nowhere = OriginSet::default();
        let (credentials, origin, error) = match self.origins.passage(&head, target, address) {
            Ok(Passage::Signed(origin)) => (Credentials::Session, origin, None),
            Ok(Passage::AsItIs) => (Credentials::Callers, nowhere, None),
            Err(error) => (Credentials::Callers, nowhere, Some(error)),
        };
        let mut redirects = RedirectMachine::new(self.options.redirects);
        let start = Input::Start(credentials, channel(address));
        let action = redirects.handle(start).expect(TOLD);
        debug_assert_eq!(action, Action::Send(credentials));
        let attempts = ReplayableRequest::new(&self.options, head, body);
        (
            RequestState::new(attempts, redirects, credentials, origin),
            error,
        )
    }

    /// One request, from its first hop to its answer.
    pub(super) fn travel<'t, H: RequestHead<T>>(
        &'t self,
        request: &'t mut RequestState<'_, T, H>,
    ) -> impl Future<Output = Answer<T>> + Send + 't {
        let mut ticket = match request.credentials {
            Credentials::Session => Some(HopStart::First),
            Credentials::Callers => None,
        };
        async move {
            loop {
                let turn = {
                    let mut answer = match ticket {
                        Some(ticket) => self.journey(request, ticket).await,
                        None => {
                            let sent = request.attempts.send(None, &self.transport)?;
                            sent.await.map_err(Error::of_transport::<T>)
                        }
                    };
                    let Some(hop) = self.onward(&mut answer, request) else {
                        return request.told(answer);
                    };
                    self.turn(request, answer?, hop).boxed()
                };
                ticket = turn.await?;
            }
        }
    }

    /// Reads a redirect to its end, and makes the next hop ready.
    async fn turn<H: RequestHead<T>>(
        &self,
        request: &mut RequestState<'_, T, H>,
        redirected: T::Response,
        hop: Box<Hop>,
    ) -> Result<Option<HopStart>, Error> {
        drain::drain::<T>(redirected, self.tokens.runtime(), &mut None).await;
        let signed = request.attempts.generation();
        let header = &self.origins.header;
        request
            .attempts
            .turn(hop.target.uri, hop.redirect, header)?;
        request.origin = hop.target.origin;
        let uri = || request.attempts.uri();
        let there = self.tokens.state.at_if_it_matters(request.origin, uri);
        let board = |asked| self.ticket(asked, signed, there);
        hop.asked.map(board).transpose()
    }

    /// What the redirects makes of an answer: another hop, or the caller's answer.
    fn onward<H: RequestHead<T>>(
        &self,
        answer: &mut Answer<T>,
        request: &mut RequestState<'_, T, H>,
    ) -> Option<Box<Hop>> {
        let (mut input, target) = match answer {
            Ok(response) if request.redirects.follows() => {
                self.read(response, &mut request.attempts)
            }
            Ok(_) | Err(_) => (Input::Answered, None),
        };
        let mut asked = None;
        loop {
            match request.redirects.handle(input).expect(TOLD) {
                Action::Ask(refresh, redirect) => {
                    let there = target.as_ref().map(|target| {
                        let uri = || target.uri.clone();
                        self.tokens.state.at_if_it_matters(target.origin, uri)
                    });
                    let there = there.unwrap_or_else(|| OriginSet::default().into());
                    let (standing, status) =
                        self.ask(refresh, redirect.rewrite, &request.attempts, there);
                    asked = status.map(|status| (refresh, status));
                    input = Input::Token(standing);
                }
                Action::Follow(_, redirect) => {
                    let uri = request.attempts.uri();
                    request.chain().push(&uri);
                    let target = *target?;
                    return Some(Box::new(Hop {
                        redirect,
                        target,
                        asked,
                    }));
                }
                Action::Return(reason) => {
                    if let (Ok(response), Some(reason)) = (answer, reason) {
                        T::extensions_mut(response).insert(reason);
                    }
                    return None;
                }
                Action::TooMany => {
                    let uri = request.attempts.uri();
                    let chain = request.chain();
                    chain.push(&uri);
                    target.iter().for_each(|target| chain.push(&target.uri));
                    let error = Error::new(ErrorKind::TooManyRedirects);
                    *answer = Err(error.because(chain.clone()));
                    return None;
                }
                Action::Send(_) | Action::Continue => unreachable!("it was told of an answer"),
            }
        }
    }

    /// What an answer says about a next hop, and where that goes.
    fn read<H: RequestHead<T>>(
        &self,
        response: &mut T::Response,
        attempts: &mut ReplayableRequest<'_, T, H>,
    ) -> (Input, Option<Box<Next>>) {
        // What the session decided something about is the caller's: it took it for a refusal.
        if T::extensions_mut(response).get::<Reason>().is_some() {
            return (Input::Answered, None);
        }
        let Some(rewrite) = Rewrite::of(T::status(response), attempts.method()) else {
            return (Input::Answered, None);
        };
        let Some(target) = location::target(&attempts.uri(), T::headers(response)) else {
            return (Input::Misdirected, None);
        };
        let address = Address::of(Target::Uri(&target));
        let origin = self.origins.allowed(address);
        let redirect = Redirect {
            target: match origin {
                Some(_) => TargetOrigin::Allowed,
                None => TargetOrigin::Foreign,
            },
            channel: channel(address),
            headers: match Origin::of(&attempts.uri()) == Origin::of(&target) {
                true => Headers::Kept,
                false => Headers::Stripped,
            },
            rewrite,
            body: attempts.body_left(rewrite),
        };
        let origin = origin.unwrap_or_default();
        let next = Next {
            uri: target,
            origin,
        };
        (Input::Redirected(redirect), Some(Box::new(next)))
    }

    /// How the session stands, asked before the redirect is drained: it can still be returned.
    fn ask<H: RequestHead<T>>(
        &self,
        refresh: Refresh,
        rewrite: Rewrite,
        attempts: &ReplayableRequest<'_, T, H>,
        there: Destination,
    ) -> (HopToken, Option<TokenStatus>) {
        if self.tokens.onward(attempts.generation(), there).is_err() {
            return (HopToken::Superseded, None);
        }
        let sendable = match refresh {
            Refresh::Left => attempts.sendable_behind(rewrite),
            // Whoever may not wait is not renewed for.
            Refresh::Spent => Sendable::Again,
        };
        let (status, _) = self.tokens.enter(there, sendable);
        (HopToken::of(refresh, status), Some(status))
    }

    /// What the next hop sets out with, once the redirect is drained: for nobody but whom the
    /// hop before was signed for.
    fn ticket(
        &self,
        (refresh, status): (Refresh, TokenStatus),
        signed: Generation,
        there: Destination,
    ) -> Result<HopStart, Error> {
        let newest = self.tokens.onward(signed, there)?;
        let status = match status {
            TokenStatus::Usable(_) => TokenStatus::Usable(newest.generation),
            TokenStatus::Expiring(_) | TokenStatus::Stale(_) => status,
        };
        Ok(HopStart::Onward(Box::new((refresh, status, newest))))
    }
}

fn channel(address: Option<Address<'_>>) -> Channel {
    match address {
        Some(address) if address.is_tls() => Channel::Tls,
        Some(_) | None => Channel::Plain,
    }
}
