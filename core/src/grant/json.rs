//! The grant of the book API: a refresh token in JSON, a token response in JSON.

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

/// `POST {"refresh_token": "…"}`, answered with the JSON of [RFC 6749 §5.1].
///
/// It reads `access_token`, and where they are there `refresh_token`, `expires_in` (a number of
/// seconds, or text that holds one), `scope` and `token_type`. A server may have other
/// [`names`](Self::names) for them, and may want to be told more ([`member`](Self::member)):
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
    /// A grant that asks this endpoint: an absolute URL, of `https`, or of `http` on this machine.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub fn new(endpoint: &str) -> Result<Self, InvalidEndpoint> {
        Endpoint::secure(endpoint).map(Self::asking)
    }

    /// As [`new`](Self::new), with `http` to anywhere: the refresh token is readable on the way.
    ///
    /// # Errors
    ///
    /// Where it is no absolute URL.
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

    /// What the members are called. By default [`JsonNames::snake_case`].
    #[must_use]
    pub fn names(mut self, names: JsonNames) -> Self {
        self.names = names;
        self
    }

    /// Sends this member beside the refresh token, which wins where the names are the same.
    ///
    /// It may be a secret: `Debug` does not show it.
    #[must_use]
    pub fn member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.members.insert(name.into(), value.into());
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

/// The refresh token, and what is sent beside it.
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
