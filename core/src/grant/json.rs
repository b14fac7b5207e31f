//! The grant of the book API: a refresh token in JSON, a token response in JSON.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request, Response, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Grant, RefreshError, refused_by_status};
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

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    token_type: Option<String>,
}

/// The error response of [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2).
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl JsonGrant {
    /// A grant that asks this endpoint, an absolute URL.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub fn new(endpoint: &str) -> Result<Self, InvalidEndpoint> {
        match endpoint.parse::<Uri>() {
            Ok(endpoint) if endpoint.scheme().is_some() && endpoint.host().is_some() => {
                Ok(Self { endpoint })
            }
            Ok(_) | Err(_) => Err(InvalidEndpoint(())),
        }
    }
}

impl Grant for JsonGrant {
    fn request(&self, stale: &Token) -> Result<Request<Bytes>, RefreshError> {
        let refresh_token = stale
            .refresh_token()
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
    if let Some(refresh_token) = answer.refresh_token {
        response = response.with_refresh_token(refresh_token);
    }
    if let Some(expires_in) = seconds(&answer.expires_in) {
        response = response.with_expires_in(expires_in);
    }
    if let Some(scope) = answer.scope {
        response = response.with_scope(scope);
    }
    if let Some(token_type) = answer.token_type {
        response = response.with_token_type(token_type);
    }
    Ok(response)
}

/// Servers send a number, a number in quotes, or worse; what cannot be read is unknown.
fn seconds(expires_in: &Value) -> Option<Duration> {
    let seconds = match expires_in {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
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

/// What is not the absolute URL of a token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidEndpoint(());

impl std::fmt::Display for InvalidEndpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a token endpoint is an absolute URL, such as https://example.com/token")
    }
}

impl std::error::Error for InvalidEndpoint {}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
