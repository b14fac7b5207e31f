//! How a request is executed: the time limit, and the loop over its hops.
//!
//! The driver performs what the machines ask for, and tells them what happened. It holds no rule
//! about tokens. Follow a request from here: [`Driver::execute`], [`Driver::run`], then
//! `attempt_loop` for the attempts of one hop and `next_hop` for a redirect.

mod attempt;
mod attempt_loop;
mod classify;
mod drain;
mod head_buffer;
mod location;
mod next_hop;
mod options;
mod origins;
mod redirect_chain;
mod request;
mod request_state;
mod rewrite;
mod saved_head;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;

use futures_util::future::FutureExt;

pub use attempt::Attempt;
pub(super) use attempt::BeforeAttempt;
pub use classify::Answered;
pub(super) use classify::Classifier;
#[cfg(test)]
pub(super) use drain::{LIMIT as DRAIN_LIMIT, TIMEOUT as DRAIN_TIMEOUT};
#[cfg(test)]
pub(super) use options::LONGEST_TIMEOUT;
pub(super) use options::Options;
pub use options::{ReplayMethods, Timeout};
pub(super) use origins::AllowedOrigins;
pub use origins::WithoutCredentials;
pub use redirect_chain::{FinalUri, RedirectChain};
use request::ReplayableRequest;
use request_state::{Answer, HopStart, RequestState};

use super::tokens::Tokens;
use crate::machine::RedirectMachine;
use crate::machine::redirects::{Action, Channel, Credentials, Input};
use crate::origin::Address;
use crate::runtime::in_time;
use crate::{Body, Error, ErrorKind, RequestHead, Transport};

/// What the clones of a session share.
pub(super) struct Driver<T> {
    pub(super) transport: Arc<T>,
    pub(super) origins: Arc<AllowedOrigins>,
    pub(super) options: Arc<Options>,
    pub(super) tokens: Tokens,
}

impl<T: Transport> Driver<T> {
    /// Executes a request within its time limit.
    ///
    /// What needs no token is done before the future is made, so that the future holds each part
    /// of the request once.
    #[inline]
    pub(super) fn execute<H: RequestHead<T>>(
        &self,
        resolved: Result<(), Error>,
        head: H,
        body: Body,
    ) -> impl Future<Output = Answer<T>> + Send {
        let (mut state, rejected) = self.begin(head, body);
        let rejected = resolved.err().or(rejected);
        async move {
            if let Some(error) = rejected {
                return Err(error);
            }
            let sleep = |timeout| self.tokens.runtime().sleep(timeout);
            let mut sleep = state.request.timeout().map(sleep);
            let answer = {
                let mut run = pin!(self.run(&mut state));
                poll_fn(|context| in_time(&mut sleep, run.as_mut(), context)).await
            };
            let answer = answer.unwrap_or_else(|| {
                Err(Error::new(ErrorKind::Timeout).because("the request's timeout ran out"))
            });
            answer.map_err(|error| error.with_refused(state.refused()))
        }
    }

    /// The loop over the hops: each is sent, and its answer either redirects to the next one or is
    /// the caller's.
    fn run<'t, H: RequestHead<T>>(
        &'t self,
        state: &'t mut RequestState<'_, T, H>,
    ) -> impl Future<Output = Answer<T>> + Send + 't {
        let mut start = match state.credentials {
            Credentials::Session => Some(HopStart::First),
            Credentials::Callers => None,
        };
        async move {
            loop {
                let next = {
                    let mut answer = match start {
                        Some(start) => self.run_hop(state, start).await,
                        None => {
                            let sent = state.request.send(None, &self.transport)?;
                            sent.await.map_err(Error::of_transport::<T>)
                        }
                    };
                    let Some(hop) = self.next_hop(&mut answer, state) else {
                        return state.finish(answer);
                    };
                    self.prepare_hop(state, answer?, hop).boxed()
                };
                start = next.await?;
            }
        }
    }

    /// A new request, and the error if it may not be sent.
    #[inline]
    fn begin<H: RequestHead<T>>(
        &self,
        head: H,
        body: Body,
    ) -> (RequestState<'_, T, H>, Option<Error>) {
        let target = head.target();
        let address = Address::of(target);
        let (credentials, origin, rejected) = match self.origins.check(&head, target, address) {
            Ok(Some(origin)) => (Credentials::Session, origin, None),
            Ok(None) => (Credentials::Callers, Default::default(), None),
            Err(error) => (Credentials::Callers, Default::default(), Some(error)),
        };
        let mut redirects = RedirectMachine::new(self.options.redirects);
        let action = redirects.handle(Input::Start(credentials, channel(address)));
        debug_assert_eq!(action, Ok(Action::Send(credentials)));
        let request = ReplayableRequest::new(&self.options, head, body);
        let state = RequestState::new(request, redirects, credentials, origin);
        (state, rejected)
    }
}

fn channel(address: Option<Address<'_>>) -> Channel {
    match address {
        Some(address) if address.is_tls() => Channel::Tls,
        Some(_) | None => Channel::Plain,
    }
}
