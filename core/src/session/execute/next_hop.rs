//! From an answer that redirects to the next hop.
//!
//! Which redirect is followed, and what the next hop carries, is decided by the
//! [`RedirectMachine`](crate::machine::RedirectMachine).

use http::Uri;

use super::request::ReplayableRequest;
use super::request_state::{Answer, HopStart, RequestState};
use super::{Driver, channel, drain, location};
use crate::machine::redirects::{
    Action, Headers, Input, Redirect, RefreshBudget, Rewrite, TargetOrigin,
};
use crate::machine::{Destination, OriginSet, TokenStatus};
use crate::origin::{Address, Origin};
use crate::{Error, ErrorKind, Reason, RequestHead, Target, Transport};

/// A redirect that is followed. Boxed, because few answers are one.
pub(super) struct Hop {
    redirect: Redirect,
    target: HopTarget,
    /// What the session has to sign the hop with, if it does.
    token: Option<(RefreshBudget, TokenStatus)>,
}

/// Where a redirect leads.
struct HopTarget {
    uri: Uri,
    /// Which of the session's origins that is, if it is one.
    origin: OriginSet,
}

impl<T: Transport> Driver<T> {
    /// Asks the redirect machine about an answer: returns the next hop, or `None` if the answer
    /// is the caller's.
    pub(super) fn next_hop<H: RequestHead<T>>(
        &self,
        answer: &mut Answer<T>,
        state: &mut RequestState<'_, T, H>,
    ) -> Option<Box<Hop>> {
        let (mut input, target) = match answer {
            Ok(response) if state.redirects.follows() => {
                self.read_redirect(response, &mut state.request)
            }
            Ok(_) | Err(_) => (Input::Answered, None),
        };
        let mut token = None;
        loop {
            let action = state.redirects.handle(input);
            match action.expect("the driver tells the machine what it asked for") {
                Action::Ask(refresh, redirect) => {
                    let there = self.hop_destination(target.as_deref());
                    // Before the redirect is drained: it may still be returned.
                    let status = self.hop_token(refresh, redirect.rewrite, &state.request, there);
                    token = status.map(|status| (refresh, status));
                    input = status.map_or(Input::Superseded, Input::Token);
                }
                Action::Follow(_, redirect) => {
                    let uri = state.request.uri();
                    state.chain().push(&uri);
                    let target = *target?;
                    return Some(Box::new(Hop {
                        redirect,
                        target,
                        token,
                    }));
                }
                Action::Return(reason) => {
                    if let (Ok(response), Some(reason)) = (answer, reason) {
                        T::extensions_mut(response).insert(reason);
                    }
                    return None;
                }
                Action::TooMany => {
                    let uri = state.request.uri();
                    let chain = state.chain();
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

    /// Drains a redirect, and turns the request into the next hop.
    pub(super) async fn prepare_hop<H: RequestHead<T>>(
        &self,
        state: &mut RequestState<'_, T, H>,
        redirected: T::Response,
        hop: Box<Hop>,
    ) -> Result<Option<HopStart>, Error> {
        drain::drain::<T>(redirected, self.tokens.runtime(), &mut None).await;
        let signed = state.request.generation();
        let header = &self.origins.header;
        let there = self.hop_destination(Some(&hop.target));
        state.origin = hop.target.origin;
        let request = &mut state.request;
        request.follow(hop.target.uri, hop.redirect, header)?;
        let Some((refresh, status)) = hop.token else {
            return Ok(None);
        };
        // The session may have been signed in or out while the redirect was drained.
        let newest = self.tokens.token_for_hop(signed, there)?;
        let next = Box::new((refresh, status, newest));
        Ok(Some(HopStart::Next(next)))
    }

    /// What an answer says about a next hop, and where that goes.
    fn read_redirect<H: RequestHead<T>>(
        &self,
        response: &mut T::Response,
        request: &mut ReplayableRequest<'_, T, H>,
    ) -> (Input, Option<Box<HopTarget>>) {
        // An answer with a reason was classified as a refusal: it is the caller's.
        if T::extensions_mut(response).get::<Reason>().is_some() {
            return (Input::Answered, None);
        }
        let Some(rewrite) = Rewrite::of(T::status(response), request.method()) else {
            return (Input::Answered, None);
        };
        let Some(uri) = location::target(&request.uri(), T::headers(response)) else {
            return (Input::Misdirected, None);
        };
        let address = Address::of(Target::Uri(&uri));
        let origin = self.origins.allowed(address);
        let target = match origin {
            Some(_) => TargetOrigin::Allowed,
            None => TargetOrigin::Foreign,
        };
        let headers = match Origin::of(&request.uri()) == Origin::of(&uri) {
            true => Headers::Kept,
            false => Headers::Stripped,
        };
        let body = request.body_left(rewrite);
        let redirect = Redirect::new(target, channel(address), headers, rewrite, body);
        let origin = origin.unwrap_or_default();
        let target = Box::new(HopTarget { uri, origin });
        (Input::Redirected(redirect), Some(target))
    }

    /// What the session has to sign the next hop with. `None` if it was signed in or out since
    /// the request was signed.
    fn hop_token<H: RequestHead<T>>(
        &self,
        refresh: RefreshBudget,
        rewrite: Rewrite,
        request: &ReplayableRequest<'_, T, H>,
        there: Destination,
    ) -> Option<TokenStatus> {
        let newest = self.tokens.token_for_hop(request.generation(), there);
        newest.ok()?;
        let sendable = refresh.enters(request.sendable_after(rewrite));
        let (status, _) = self.tokens.enter(there, sendable);
        Some(status)
    }

    fn hop_destination(&self, target: Option<&HopTarget>) -> Destination {
        let Some(target) = target else {
            return OriginSet::default().into();
        };
        let state = &self.tokens.state;
        state.destination_if_needed(target.origin, || target.uri.clone())
    }
}
