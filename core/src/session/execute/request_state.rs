//! Everything that lives as long as a request does, in one place.

use bytes::Bytes;
use http::Response;

use super::drain::Refused;
use super::redirect_chain::{FinalUri, RedirectChain};
use super::request::ReplayableRequest;
use crate::machine::redirects::{Action, Credentials, Input, RefreshBudget};
use crate::machine::{OriginSet, RedirectMachine, TokenStatus};
use crate::session::credential::Credential;
use crate::{Error, RequestHead, Transport};

/// The caller's answer. The machines carry it and cannot look inside.
pub(super) type Answer<T> = Result<<T as Transport>::Response, Error>;

/// A request that is being executed.
pub(super) struct RequestState<'a, T, H> {
    pub(super) request: ReplayableRequest<'a, T, H>,
    pub(super) redirects: RedirectMachine,
    /// Whose credentials the first hop carries.
    pub(super) credentials: Credentials,
    /// The origin that the current hop goes to, if it is signed.
    pub(super) origin: OriginSet,
    /// Few requests have one.
    pub(super) history: Option<Box<History>>,
}

/// What happened to the request before the current attempt.
#[derive(Default)]
pub(super) struct History {
    pub(super) refused: Option<Refused>,
    chain: RedirectChain,
}

/// What a signed hop starts with.
pub(super) enum HopStart {
    /// Whatever token the session has when the hop starts.
    First,
    /// The token that the redirect machine asked for.
    Next(Box<(RefreshBudget, TokenStatus, Credential)>),
}

impl<'a, T: Transport, H: RequestHead<T>> RequestState<'a, T, H> {
    #[inline]
    pub(super) const fn new(
        request: ReplayableRequest<'a, T, H>,
        redirects: RedirectMachine,
        credentials: Credentials,
        origin: OriginSet,
    ) -> Self {
        Self {
            request,
            redirects,
            credentials,
            origin,
            history: None,
        }
    }

    pub(super) fn chain(&mut self) -> &mut RedirectChain {
        &mut self.history.get_or_insert_default().chain
    }

    /// Spends the request's one refresh, which all its hops share.
    pub(super) fn spend_refresh(&mut self) {
        let action = self.redirects.handle(Input::Refreshing);
        let action = action.expect("a hop that starts after the refresh asks for none");
        debug_assert_eq!(action, Action::Continue);
    }

    /// The caller's answer, with the URI that it comes from if the request was redirected.
    #[inline]
    pub(super) fn finish(&self, mut answer: Answer<T>) -> Answer<T> {
        let chain = self.history.as_ref().map(|history| &history.chain);
        if chain.is_none_or(RedirectChain::is_empty) {
            return answer;
        }
        if let Ok(response) = &mut answer {
            let uri = FinalUri(self.request.uri());
            T::extensions_mut(response).insert(uri);
        }
        answer.map_err(Error::behind_a_redirect)
    }

    /// The refused answer that was drained, for an error to carry.
    pub(super) fn refused(&mut self) -> Option<Response<Bytes>> {
        let refused = self.history.as_mut()?.refused.take()?;
        Some(refused.into())
    }
}
