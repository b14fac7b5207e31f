//! The token itself, for what the session does not send: a WebSocket, or a stream of events.

use std::fmt;

use http::{HeaderName, HeaderValue};

use super::credential::Credential;
use crate::machine::{Action, Input, OriginSet, Refusal, Sendable, SessionMachine};
use crate::{Error, ErrorKind, Generation, Session};

/// An access token from [`Session::token`].
///
/// The application sends it, and calls [`Session::report_rejected`] if a server refuses it.
#[derive(Clone)]
pub struct BearerToken(pub(super) Credential);

impl BearerToken {
    /// The generation, for [`Session::report_rejected`].
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.0.generation
    }

    /// The header that carries it: `Authorization`, unless the session has another
    /// [`Scheme`](crate::Scheme).
    #[must_use]
    pub fn header(&self) -> &HeaderName {
        &self.0.token.header
    }

    /// The value of that header, marked as sensitive.
    #[must_use]
    pub fn authorization(&self) -> &HeaderValue {
        &self.0.token.value
    }

    /// The access token, in clear.
    #[must_use]
    pub fn access_token(&self) -> &str {
        self.0.token.token.access_token()
    }

    /// Another member of the token response, in clear, such as `id_token`, if the grant keeps it
    /// ([`JsonGrant::keep`](crate::JsonGrant::keep)).
    #[must_use]
    pub fn extra(&self, name: &str) -> Option<&str> {
        self.0.token.token.extra(name)
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerToken")
            .field("generation", &self.0.generation)
            .field("token", &self.0.token.token)
            .finish()
    }
}

impl<T> Session<T> {
    /// Returns the token itself, for what the session does not send: a WebSocket, or a stream of
    /// events.
    ///
    /// A token that has expired or soon will ([`SessionBuilder::renewal`]) is refreshed first.
    ///
    /// # Errors
    ///
    /// An [`Error`] if the session cannot get a usable token, as in [`execute`](Self::execute).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops waiting. A refresh in progress goes on.
    ///
    /// [`SessionBuilder::renewal`]: crate::SessionBuilder::renewal
    pub async fn token(&self) -> Result<BearerToken, Error> {
        let tokens = &self.driver.tokens;
        let elsewhere = OriginSet::ELSEWHERE.into();
        let mut machine = SessionMachine::new();
        let (status, mut credential) = tokens.enter(elsewhere, Sendable::Once);
        let mut input = Input::Start(status);
        loop {
            let action = machine.handle(input);
            let token = match action.expect("the driver tells the machine what it asked for") {
                Action::Send { .. } => {
                    let token = credential.map(BearerToken);
                    return token.ok_or_else(|| Error::new(ErrorKind::SignedOut));
                }
                Action::Renew { held } => tokens.renew(held, elsewhere, &mut None).await,
                Action::Refresh { stale, .. } => {
                    let unsigned = Refusal::Unsigned(elsewhere);
                    let next = tokens.admit(stale, unsigned);
                    tokens.newer(next, stale, unsigned).await
                }
                Action::Finish { answer, .. }
                | Action::FinishAndRefresh { answer, .. }
                | Action::Readmit {
                    refused: answer, ..
                } => return Err(answer),
            };
            input = match token {
                Ok(token) => Input::Refreshed(credential.insert(token).generation),
                Err(error) => Input::RefreshFailed(error),
            };
        }
    }

    /// Reports that a server refused the token of this generation, and returns a newer one. It
    /// joins a refresh in progress, and needs none if there has been one since.
    ///
    /// The session's own requests keep using the token while their servers accept it.
    ///
    /// # Errors
    ///
    /// An [`Error`] if the session cannot get a newer token, as in [`execute`](Self::execute), and
    /// [`ErrorKind::Superseded`] if the session was signed in or out since.
    ///
    /// # Cancel safety
    ///
    /// The token counts as refused from the first poll, unless a refresh brought it within the last
    /// second and no server has accepted it yet. Dropping the future stops waiting. A refresh in
    /// progress goes on.
    pub async fn report_rejected(&self, generation: Generation) -> Result<BearerToken, Error> {
        self.newer(generation, Refusal::By(OriginSet::ELSEWHERE.into()))
            .await
    }

    /// Refreshes the token, even if the current one is valid: after a change of permissions, for
    /// example. Requests use the current token meanwhile.
    ///
    /// # Errors
    ///
    /// As in [`report_rejected`](Self::report_rejected). The session keeps the current token then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops waiting. A refresh in progress goes on.
    pub async fn refresh(&self) -> Result<BearerToken, Error> {
        let generation = self.driver.tokens.state.generation();
        self.newer(generation, Refusal::Forced).await
    }

    async fn newer(&self, stale: Generation, refusal: Refusal) -> Result<BearerToken, Error> {
        let tokens = &self.driver.tokens;
        let next = tokens.admit(stale, refusal);
        let newer = tokens.newer(next, stale, refusal).await;
        newer.map(BearerToken)
    }
}
