//! The grants of OAuth 2.0 that bring a token without a user: a refresh token, and the client's
//! own credentials.
//!
//! They write the form, and read the answer as every grant does. What a client is, and where it
//! says so, is in `client`.

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

/// A token request of OAuth 2.0, and its answer.
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
    /// Trades the refresh token for a newer token ([RFC 6749 §6]).
    ///
    /// [RFC 6749 §6]: https://www.rfc-editor.org/rfc/rfc6749#section-6
    #[must_use]
    pub fn refresh_token(client: OAuth2Client) -> Self {
        Self::new(client, Flow::RefreshToken)
    }

    /// Asks with the client's own credentials, whatever the token was ([RFC 6749 §4.4]): for a
    /// service that acts for no user, whose session may begin
    /// [without a token](crate::SessionBuilder::without_token).
    ///
    /// The standard wants a client that has a secret.
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

    /// What the access token is to be good for: names with spaces between them ([RFC 6749 §3.3]).
    /// By default what was granted before.
    ///
    /// [RFC 6749 §3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Where the access token is to be used, an absolute URI ([RFC 8707 §2]). May be called for
    /// several.
    ///
    /// [RFC 8707 §2]: https://www.rfc-editor.org/rfc/rfc8707#section-2
    #[must_use]
    pub fn resource(self, resource: impl Into<String>) -> Self {
        self.parameter("resource", resource)
    }

    /// Where the access token is to be used, by a name that the server knows: what some servers
    /// have in the place of [`resource`](Self::resource).
    #[must_use]
    pub fn audience(self, audience: impl Into<String>) -> Self {
        self.parameter("audience", audience)
    }

    /// Any other parameter. One that the grant itself sends, such as `grant_type`, is left out.
    ///
    /// It may be a secret: `Debug` does not show it.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let value = Secret::new(value.into());
        self.parameters.push((name.into(), value));
        self
    }

    /// Keeps this member of each answer with the token, such as `id_token` or `instance_url`: it is
    /// in [`Token::extra`] from then on. May be called for several.
    #[must_use]
    pub fn keep(mut self, member: impl Into<String>) -> Self {
        self.reading.keep(member.into());
        self
    }

    /// Which answers say that the refresh token is dead, so that the user must sign in again: for
    /// a server that says it in a way which [`Grant`] does not know. It is asked first, of any
    /// answer that brought no token.
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
