//! A session over reqwest that notes whether each request starts at once or waits for a token.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use http::StatusCode;
use reauth_reqwest::reauth::{Attempt, Counts};
use reauth_reqwest::{ReqwestTransport, Session};

use super::reqwest_client::configure;
use super::session_tokens::signed_in;
use crate::BoxError;
use crate::ask::Ask;
use crate::target::Target;

/// Whether tokens are refreshed while they last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Early {
    /// The default of a session.
    Refreshed,
    Off,
}

/// How a request started.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Entry {
    AtOnce,
    /// It had to wait for a token.
    Waited,
}

pub(crate) struct SessionWatched(Session);

/// Whether an attempt was signed; an extension of the request.
#[derive(Clone, Default)]
struct Signed(Arc<AtomicBool>);

impl SessionWatched {
    pub(crate) fn new(target: &Target, early: Early) -> Result<Self, BoxError> {
        let session = Session::builder(ReqwestTransport::new(configure)?);
        let session = signed_in(session, target)?.before_attempt(|attempt: &mut Attempt<'_>| {
            if let Some(Signed(signed)) = attempt.extensions().get() {
                signed.store(true, Ordering::Relaxed);
            }
        });
        let session = match early {
            Early::Refreshed => session,
            Early::Off => session.no_early_refresh(),
        };
        Ok(Self(session.build()?))
    }

    pub(crate) fn counts(&self) -> Counts {
        self.0.counts()
    }

    /// A request that does not wait is signed in the first poll.
    pub(crate) async fn send(&self, ask: &Ask) -> Result<(StatusCode, Entry), BoxError> {
        let signed = Signed::default();
        let mut request = ask.http()?;
        request.extensions_mut().insert(signed.clone());
        let mut execute = pin!(self.0.execute(request));
        let first = poll_fn(|cx| Poll::Ready(execute.as_mut().poll(cx))).await;
        let entry = if signed.0.load(Ordering::Relaxed) {
            Entry::AtOnce
        } else {
            Entry::Waited
        };
        let response = match first {
            Poll::Ready(response) => response?,
            Poll::Pending => execute.await?,
        };
        let status = response.status();
        response.bytes().await?;
        Ok((status, entry))
    }
}
