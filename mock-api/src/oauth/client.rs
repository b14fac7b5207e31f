//! Authenticates the client of a request ([RFC 6749 §2.3.1]).
//!
//! [RFC 6749 §2.3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1

use std::fmt;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Form, invalid};
use crate::problem::Problem;

const UNKNOWN: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "invalid_client",
    "the client is unknown, or did not authenticate",
);

/// The only client that is known.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Client {
    /// Checks the header or the body; a client must not use both.
    pub(super) fn authenticate(&self, headers: &HeaderMap, form: &Form) -> Result<(), Problem> {
        match (headers.get(AUTHORIZATION), form.get("client_secret")) {
            (Some(_), Some(_)) => Err(invalid("the client authenticates in two ways")),
            (Some(value), None) => match value.to_str().ok().and_then(basic) {
                Some((id, secret)) if self.is(&id, &secret) => Ok(()),
                Some(_) | None => Err(UNKNOWN.challenged(r#"Basic realm="books""#)),
            },
            (None, Some(secret)) => match form.get("client_id") {
                Some(id) if self.is(id, secret) => Ok(()),
                Some(_) | None => Err(UNKNOWN),
            },
            (None, None) => Err(UNKNOWN),
        }
    }

    fn is(&self, id: &str, secret: &str) -> bool {
        self.id == id && self.secret == secret
    }
}

/// Id and secret, each form-encoded inside the base64.
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((form_decoded(id)?, form_decoded(secret)?))
}

fn form_decoded(text: &str) -> Option<String> {
    match form_urlencoded::parse(text.as_bytes()).next() {
        // A text without `=` or `&` is parsed as the name of one pair.
        Some((text, value)) => value.is_empty().then(|| text.into_owned()),
        None => Some(String::new()),
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
