//! The token itself, for what is no request: a WebSocket, a stream of events.

use std::fmt;

use http::{HeaderName, HeaderValue};

use super::credential::Credential;
use crate::machine::{Action, Input, OriginSet, Refusal, Sendable, SessionMachine};
use crate::{Error, ErrorKind, Generation, Session};

/// An access token that a session gave out, from [`Session::token`].
///
/// Its owner sends it, and reports it where it is refused
/// ([`Session::report_rejected`]).
#[derive(Clone)]
pub struct BearerToken(pub(super) Credential);

impl BearerToken {
    /// Its generation, to report it by.
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

    /// Another member of the token server's answer, in clear, such as `id_token`, where the grant
    /// keeps it ([`JsonGrant::keep`](crate::JsonGrant::keep)).
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
    /// The token itself, for what is no request of this session: a WebSocket, a stream of events.
    ///
    /// It is as good as that of a request which can be sent once: refreshed before where it has
    /// expired or is about to ([`SessionBuilder::renewal`]).
    ///
    /// # Errors
    ///
    /// Where no token is to be had, as in [`execute`](Self::execute).
    ///
    /// # Cancel safety
    ///
    /// That of [`execute`](Self::execute): a refresh that departed is the session's.
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
                    let next = tokens.admit(stale, Refusal::Unsigned(elsewhere));
                    tokens.newer(next, stale, elsewhere).await
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

    /// Tells that a server refused the token of this generation, and gets a newer one: by
    /// whatever refresh is up, or has been since. The session's own requests go on with the token
    /// that they have, as long as their servers accept it.
    ///
    /// # Errors
    ///
    /// Where no newer token is to be had, as in [`execute`](Self::execute), and
    /// [`ErrorKind::Superseded`] where somebody signed in or out since.
    ///
    /// # Cancel safety
    ///
    /// The token counts as refused from the first poll, unless a refresh has new it within the
    /// last second and no server has accepted it yet; a refresh that departed is the session's.
    pub async fn report_rejected(&self, generation: Generation) -> Result<BearerToken, Error> {
        self.newer(generation, Refusal::By(OriginSet::ELSEWHERE.into()))
            .await
    }

    /// Gets a newer token by force, whatever the one in force is worth: after a change of rights,
    /// say. Requests go on with the one in force meanwhile.
    ///
    /// # Errors
    ///
    /// Those of [`report_rejected`](Self::report_rejected). The session goes on with the token in
    /// force then.
    ///
    /// # Cancel safety
    ///
    /// A refresh that departed is the session's.
    pub async fn refresh(&self) -> Result<BearerToken, Error> {
        let generation = self.driver.tokens.state.generation();
        self.newer(generation, Refusal::Forced).await
    }

    async fn newer(&self, stale: Generation, refusal: Refusal) -> Result<BearerToken, Error> {
        let tokens = &self.driver.tokens;
        let next = tokens.admit(stale, refusal);
        let newer = tokens.newer(next, stale, OriginSet::ELSEWHERE.into()).await;
        newer.map(BearerToken)
    }
}
