//! The OAuth 2.0 grants that need no user: refresh token and client credentials.
//!
//! Client authentication is in `client`.

mod client;
mod form;
mod revocation;

use bytes::Bytes;
pub use client::OAuth2Client;
use form::Form;
use http::{Request, Response, Uri};
pub use revocation::OAuth2Revocation;

use super::answer::{self, Proof, Reading, read};
use super::{ErrorResponse, Grant, JsonNames, RefreshError, Spends};
use crate::token::Secret;
use crate::{Token, TokenResponse};

/// An OAuth 2.0 grant: a refresh token, or client credentials.
///
/// `Debug` shows no secret.
///
/// ```
/// use reauth::{OAuth2Client, OAuth2Grant};
///
/// let client = OAuth2Client::new("https://auth.example.com/token", "book-reader")?;
/// let grant = OAuth2Grant::refresh_token(client);
///
/// let client = OAuth2Client::new("https://auth.example.com/token", "book-importer")?
///     .secret("a client's secret");
/// let grant = OAuth2Grant::client_credentials(client).scope("books.write");
/// # Ok::<(), reauth::InvalidEndpoint>(())
/// ```
#[derive(Clone, Debug)]
pub struct OAuth2Grant {
    client: OAuth2Client,
    flow: Flow,
    scope: Option<String>,
    parameters: Vec<(String, Secret)>,
    reading: Reading,
}

#[derive(Clone, Copy, Debug)]
enum Flow {
    RefreshToken,
    ClientCredentials,
}

impl OAuth2Grant {
    /// A grant that sends the refresh token ([RFC 6749 §6]).
    ///
    /// [RFC 6749 §6]: https://www.rfc-editor.org/rfc/rfc6749#section-6
    #[must_use]
    pub fn refresh_token(client: OAuth2Client) -> Self {
        Self::new(client, Flow::RefreshToken)
    }

    /// A grant that sends the client's own credentials ([RFC 6749 §4.4]), for a service that acts
    /// for no user. Its session may begin
    /// [without a token](crate::SessionBuilder::without_token).
    ///
    /// The client should have a secret: the RFC allows this grant to confidential clients only.
    ///
    /// [RFC 6749 §4.4]: https://www.rfc-editor.org/rfc/rfc6749#section-4.4
    #[must_use]
    pub fn client_credentials(client: OAuth2Client) -> Self {
        Self::new(client, Flow::ClientCredentials)
    }

    fn new(client: OAuth2Client, flow: Flow) -> Self {
        Self {
            client,
            flow,
            scope: None,
            parameters: Vec::new(),
            reading: Reading::default(),
        }
    }

    /// Sets the requested scope: names separated by spaces ([RFC 6749 §3.3]). By default none is
    /// sent, and the server grants the same scope as before.
    ///
    /// [RFC 6749 §3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Adds a `resource`, an absolute URI where the access token will be used ([RFC 8707 §2]). Call
    /// it once for each resource.
    ///
    /// [RFC 8707 §2]: https://www.rfc-editor.org/rfc/rfc8707#section-2
    #[must_use]
    pub fn resource(self, resource: impl Into<String>) -> Self {
        self.parameter("resource", resource)
    }

    /// Adds an `audience`, which some servers use instead of [`resource`](Self::resource).
    #[must_use]
    pub fn audience(self, audience: impl Into<String>) -> Self {
        self.parameter("audience", audience)
    }

    /// Adds any other parameter. It is ignored if the grant itself sends one with this name, such
    /// as `grant_type`.
    ///
    /// `Debug` does not show it, so it may be a secret.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let value = Secret::new(value.into());
        self.parameters.push((name.into(), value));
        self
    }

    /// Keeps this member of each response with the token, such as `id_token` or `instance_url`:
    /// [`Token::extra`] returns it. Call it once for each member.
    #[must_use]
    pub fn keep(mut self, member: impl Into<String>) -> Self {
        self.reading.keep(member.into());
        self
    }

    /// Sets which responses mean that the refresh token is dead and the user must sign in again,
    /// for servers that say so in a way that [`Grant`] does not know. The closure is called first,
    /// for every response without a token.
    ///
    /// ```
    /// # use reauth::{OAuth2Grant};
    /// # fn example(grant: OAuth2Grant) -> OAuth2Grant {
    /// grant.dead_when(|answer| answer.code() == Some("device_unlinked"))
    /// # }
    /// ```
    #[must_use]
    pub fn dead_when(
        mut self,
        dead: impl Fn(&ErrorResponse) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.reading.dead_when(dead);
        self
    }
}

impl Grant for OAuth2Grant {
    fn request(&self, stale: Option<&Token>) -> Result<Request<Bytes>, RefreshError> {
        let mut form = Form::default();
        match self.flow {
            Flow::RefreshToken => {
                let refresh_token = stale
                    .and_then(Token::refresh_token)
                    .ok_or_else(|| RefreshError::refused("the session has no refresh token"))?;
                form.push("grant_type", "refresh_token");
                form.push("refresh_token", refresh_token);
            }
            Flow::ClientCredentials => form.push("grant_type", "client_credentials"),
        }
        if let Some(scope) = &self.scope {
            form.push("scope", scope);
        }
        self.client.sign(&mut form);
        let parameters = self.parameters.iter();
        form.extend_others(parameters.map(|(name, value)| (name.as_str(), value.expose())));
        Ok(self.client.post(&form))
    }

    fn response(&self, response: &Response<Bytes>) -> Result<TokenResponse, RefreshError> {
        let proof = match self.flow {
            Flow::RefreshToken if self.client.has_secret() => Proof::Both,
            Flow::RefreshToken => Proof::RefreshToken,
            Flow::ClientCredentials => Proof::Client,
        };
        read(response, &JsonNames::snake_case(), proof, &self.reading)
    }

    fn can_refresh(&self, stale: Option<&Token>) -> bool {
        match self.flow {
            Flow::RefreshToken => stale.and_then(Token::refresh_token).is_some(),
            Flow::ClientCredentials => true,
        }
    }

    fn endpoint(&self) -> Option<Uri> {
        Some(self.client.endpoint().clone())
    }

    fn is_whole(&self, body: &[u8]) -> bool {
        answer::is_whole(body)
    }

    fn spends(&self) -> Spends {
        match self.flow {
            Flow::RefreshToken => Spends::RefreshToken,
            Flow::ClientCredentials => Spends::Nothing,
        }
    }
}

#[cfg(test)]
mod tests;
