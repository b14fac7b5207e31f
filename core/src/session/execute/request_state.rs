//! A request on its way: all of it that lives as long as the request does, in one place.

use bytes::Bytes;
use http::Response;

use super::drain::Refused;
use super::request::ReplayableRequest;
use super::{FinalUri, RedirectChain};
use crate::machine::redirects::{Action, Credentials, Input, Refresh};
use crate::machine::{OriginSet, RedirectMachine, TokenStatus};
use crate::session::Answer;
use crate::session::credential::Credential;
use crate::{Error, RequestHead, Transport};

/// A request on its way.
pub(in crate::session) struct RequestState<'a, T, H> {
    pub(in crate::session) attempts: ReplayableRequest<'a, T, H>,
    pub(in crate::session) redirects: RedirectMachine,
    /// Of the first hop.
    pub(in crate::session) credentials: Credentials,
    /// Where the hop goes, if it is signed.
    pub(in crate::session) origin: OriginSet,
    /// Few requests have one.
    pub(in crate::session) history: Option<Box<History>>,
}

/// What was on the way.
#[derive(Default)]
pub(in crate::session) struct History {
    pub(in crate::session) refused: Option<Refused>,
    chain: RedirectChain,
}

/// What a signed hop sets out with.
pub(in crate::session) enum HopStart {
    /// What the session has by then.
    First,
    Onward(Box<(Refresh, TokenStatus, Credential)>),
}

impl<'a, T: Transport, H: RequestHead<T>> RequestState<'a, T, H> {
    #[inline]
    pub(in crate::session) const fn new(
        attempts: ReplayableRequest<'a, T, H>,
        redirects: RedirectMachine,
        credentials: Credentials,
        origin: OriginSet,
    ) -> Self {
        Self {
            attempts,
            redirects,
            credentials,
            origin,
            history: None,
        }
    }

    pub(in crate::session) fn chain(&mut self) -> &mut RedirectChain {
        &mut self.history.get_or_insert_default().chain
    }

    /// The one refresh of a request, over all its hops.
    pub(in crate::session) fn refreshing(&mut self) {
        let action = self.redirects.handle(Input::Refreshing);
        let action = action.expect("a hop that sets out after the refresh asks for none");
        debug_assert_eq!(action, Action::Continue);
    }

    /// A caller's answer, with where it comes from where that is not where it was sent.
    #[inline]
    pub(in crate::session) fn told(&self, mut answer: Answer<T>) -> Answer<T> {
        let chain = self.history.as_ref().map(|history| &history.chain);
        if chain.is_none_or(RedirectChain::is_empty) {
            return answer;
        }
        if let Ok(response) = &mut answer {
            let uri = FinalUri(self.attempts.uri());
            T::extensions_mut(response).insert(uri);
        }
        answer.map_err(Error::behind_a_redirect)
    }

    /// What was refused on the way, for an error.
    pub(in crate::session) fn refused(&mut self) -> Option<Response<Bytes>> {
        let refused = self.history.as_mut()?.refused.take()?;
        Some(refused.into())
    }
}
