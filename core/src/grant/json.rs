//! The grant of the book API: a refresh token in JSON, a token response in JSON.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request, Response, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Grant, RefreshError, refused_by_status};
use crate::origin::Origin;
use crate::{InvalidToken, Token, TokenResponse};

/// `POST {"refresh_token": "…"}`, answered with the JSON of [RFC 6749 §5.1].
///
/// It reads `access_token`, and where they are there `refresh_token`, `expires_in` (a number of
/// seconds, or text that holds one), `scope` and `token_type`.
///
/// [RFC 6749 §5.1]: https://www.rfc-editor.org/rfc/rfc6749#section-5.1
#[derive(Clone, Debug)]
pub struct JsonGrant {
    endpoint: Uri,
}

#[derive(Serialize)]
struct Question<'a> {
    refresh_token: &'a str,
}

/// Members are read one by one: an odd one must not cost a token that is good.
#[derive(Deserialize)]
struct Answer<'a> {
    access_token: String,
    #[serde(borrow, default)]
    refresh_token: Option<&'a RawValue>,
    #[serde(borrow, default)]
    expires_in: Option<&'a RawValue>,
    #[serde(borrow, default)]
    scope: Option<&'a RawValue>,
    #[serde(borrow, default)]
    token_type: Option<&'a RawValue>,
}

/// The error response of [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2).
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl JsonGrant {
    /// A grant that asks this endpoint: an absolute URL, of `https`, or of `http` on this machine.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub fn new(endpoint: &str) -> Result<Self, InvalidEndpoint> {
        let grant = Self::insecure(endpoint)?;
        match Origin::of(&grant.endpoint) {
            Some(origin) if origin.is_secure() => Ok(grant),
            Some(_) | None => Err(InvalidEndpoint::Insecure),
        }
    }

    /// As [`new`](Self::new), with `http` to anywhere: the refresh token is readable on the way.
    ///
    /// # Errors
    ///
    /// Where it is no absolute URL.
    pub fn insecure(endpoint: &str) -> Result<Self, InvalidEndpoint> {
        match endpoint.parse::<Uri>() {
            Ok(endpoint) if Origin::of(&endpoint).is_some() => Ok(Self { endpoint }),
            Ok(_) | Err(_) => Err(InvalidEndpoint::Malformed),
        }
    }
}

impl Grant for JsonGrant {
    fn request(&self, stale: Option<&Token>) -> Result<Request<Bytes>, RefreshError> {
        let refresh_token = stale
            .and_then(Token::refresh_token)
            .ok_or_else(|| RefreshError::refused("the session has no refresh token"))?;
        let body = serde_json::to_vec(&Question { refresh_token });
        let body = body.map_err(RefreshError::misconfigured)?;
        Request::builder()
            .method(Method::POST)
            .uri(self.endpoint.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .body(body.into())
            .map_err(RefreshError::misconfigured)
    }

    fn response(&self, response: &Response<Bytes>) -> Result<TokenResponse, RefreshError> {
        match response.status() {
            status if status.is_success() => read(response.body()),
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => {
                Err(read_refusal(response).unwrap_or_else(|| refused_by_status(response)))
            }
            _ => Err(refused_by_status(response)),
        }
    }
}

fn read(body: &[u8]) -> Result<TokenResponse, RefreshError> {
    // The parser's own words could quote the body.
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|_| RefreshError::unknown("the answer is not a token response in JSON"))?;
    let mut response = TokenResponse::new(answer.access_token)
        .map_err(|invalid: InvalidToken| RefreshError::unknown(invalid))?;
    if let Some(refresh_token) = text(answer.refresh_token) {
        response = response.with_refresh_token(refresh_token);
    }
    if let Some(expires_in) = seconds(answer.expires_in) {
        response = response.with_expires_in(expires_in);
    }
    if let Some(scope) = text(answer.scope) {
        response = response.with_scope(scope);
    }
    if let Some(token_type) = text(answer.token_type) {
        response = response.with_token_type(token_type);
    }
    Ok(response)
}

fn text(member: Option<&RawValue>) -> Option<String> {
    serde_json::from_str(member?.get()).ok()
}

/// Servers send a number, a number in quotes, or worse; what cannot be read is unknown.
fn seconds(member: Option<&RawValue>) -> Option<Duration> {
    let seconds = match text(member) {
        Some(quoted) => quoted.trim().parse().ok()?,
        None => serde_json::from_str(member?.get()).ok()?,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

/// By the error code of the body, named by us: the server's own text is not repeated.
fn read_refusal(response: &Response<Bytes>) -> Option<RefreshError> {
    let refusal: Refusal = serde_json::from_slice(response.body()).ok()?;
    let said = |code| format!("the token endpoint answered {code}");
    Some(match refusal.error.as_str() {
        "invalid_grant" => RefreshError::refused(said("invalid_grant")),
        "invalid_request" => RefreshError::misconfigured(said("invalid_request")),
        "invalid_client" => RefreshError::misconfigured(said("invalid_client")),
        "unauthorized_client" => RefreshError::misconfigured(said("unauthorized_client")),
        "unsupported_grant_type" => RefreshError::misconfigured(said("unsupported_grant_type")),
        "invalid_scope" => RefreshError::misconfigured(said("invalid_scope")),
        _ => return None,
    })
}

/// Why a text is no token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// It is no absolute URL of `https` or `http`, or it has user information.
    Malformed,
    /// It is `http`, and not on this machine.
    Insecure,
}

impl std::fmt::Display for InvalidEndpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Malformed => {
                "a token endpoint is an absolute URL, such as https://example.com/token"
            }
            Self::Insecure => {
                "tokens go over https, or http on this machine; \
                 JsonGrant::insecure allows this endpoint all the same"
            }
        })
    }
}

impl std::error::Error for InvalidEndpoint {}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
