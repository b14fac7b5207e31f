//! A grant that sends and reads JSON.

mod names;

use std::fmt;

use bytes::Bytes;
use http::{Request, Response, Uri};
pub use names::JsonNames;
use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::answer::{self, Proof, Reading, read};
use super::endpoint::{Endpoint, InvalidEndpoint};
use super::{ErrorResponse, Grant, RefreshError};
use crate::{Token, TokenResponse};

/// A grant that sends `POST {"refresh_token": "…"}` and reads the JSON of [RFC 6749 §5.1].
///
/// It reads `access_token`, and if present `refresh_token`, `expires_in` (seconds, as a number or
/// as text), `scope` and `token_type`. For a server with other names see [`names`](Self::names); to
/// send more members see [`member`](Self::member):
///
/// ```
/// use reauth::{JsonGrant, JsonNames};
///
/// let grant = JsonGrant::new("https://example.com/session/renew")?
///     .names(JsonNames::camel_case().access_token("token"))
///     .member("deviceId", "4711");
/// # Ok::<(), reauth::InvalidEndpoint>(())
/// ```
///
/// [RFC 6749 §5.1]: https://www.rfc-editor.org/rfc/rfc6749#section-5.1
#[derive(Clone)]
pub struct JsonGrant {
    endpoint: Endpoint,
    names: JsonNames,
    members: Map<String, Value>,
    reading: Reading,
}

impl JsonGrant {
    /// A grant for this endpoint: an absolute `https` URL, or `http` to a loopback host.
    ///
    /// # Errors
    ///
    /// If the endpoint is anything else.
    pub fn new(endpoint: &str) -> Result<Self, InvalidEndpoint> {
        Endpoint::secure(endpoint).map(Self::asking)
    }

    /// Like [`new`](Self::new), but allows `http` to any host, which sends the refresh token in
    /// clear.
    ///
    /// # Errors
    ///
    /// If the endpoint is not an absolute URL.
    pub fn insecure(endpoint: &str) -> Result<Self, InvalidEndpoint> {
        Endpoint::insecure(endpoint).map(Self::asking)
    }

    fn asking(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            names: JsonNames::default(),
            members: Map::new(),
            reading: Reading::default(),
        }
    }

    /// Sets the names of the members. The default is [`JsonNames::snake_case`].
    #[must_use]
    pub fn names(mut self, names: JsonNames) -> Self {
        self.names = names;
        self
    }

    /// Sends this member too. It is ignored if it has the name of the refresh token.
    ///
    /// `Debug` does not show it, so it may be a secret.
    #[must_use]
    pub fn member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.members.insert(name.into(), value.into());
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
    /// # use reauth::{JsonGrant};
    /// # fn example(grant: JsonGrant) -> JsonGrant {
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

impl Grant for JsonGrant {
    fn request(&self, stale: Option<&Token>) -> Result<Request<Bytes>, RefreshError> {
        let refresh_token = stale
            .and_then(Token::refresh_token)
            .ok_or_else(|| RefreshError::refused("the session has no refresh token"))?;
        let question = Question {
            members: &self.members,
            name: &self.names.sent_refresh_token,
            refresh_token,
        };
        let body = serde_json::to_vec(&question).map_err(RefreshError::misconfigured)?;
        Ok(self.endpoint.post("application/json", body))
    }

    fn response(&self, response: &Response<Bytes>) -> Result<TokenResponse, RefreshError> {
        read(response, &self.names, Proof::RefreshToken, &self.reading)
    }

    fn can_refresh(&self, stale: Option<&Token>) -> bool {
        stale.and_then(Token::refresh_token).is_some()
    }

    fn endpoint(&self) -> Option<Uri> {
        Some(self.endpoint.uri().clone())
    }

    fn is_whole(&self, body: &[u8]) -> bool {
        answer::is_whole(body)
    }
}

/// The body of a token request.
struct Question<'a> {
    members: &'a Map<String, Value>,
    name: &'a str,
    refresh_token: &'a str,
}

impl Serialize for Question<'_> {
    fn serialize<S: Serializer>(&self, json: S) -> Result<S::Ok, S::Error> {
        let mut object = json.serialize_map(None)?;
        for (name, value) in self.members {
            if name != self.name {
                object.serialize_entry(name, value)?;
            }
        }
        object.serialize_entry(self.name, self.refresh_token)?;
        object.end()
    }
}

impl fmt::Debug for JsonGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonGrant")
            .field("endpoint", &self.endpoint)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
