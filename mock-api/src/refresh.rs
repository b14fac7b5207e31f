//! `POST /auth/refresh`: count, pass the gate, process, pass the gate, answer.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use crate::TokenEndpoint;
use crate::connection::LostAnswer;
use crate::problem::Problem;
use crate::shared::{Shared, lock};
use crate::tokens::{Grant, Outcome};

/// The answer of [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1).
#[derive(Serialize)]
struct Answer {
    access_token: String,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

pub(crate) async fn refresh(
    State(shared): State<Arc<Shared>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    lock(&shared.counts).refreshes += 1;
    shared.refreshes.pass().await;

    let mode = lock(&shared.faults).token_endpoint;
    let mut response = match mode {
        TokenEndpoint::Unavailable { retry_after } => unavailable(retry_after),
        TokenEndpoint::Garbage => Html("<!doctype html><title>Welcome</title>").into_response(),
        TokenEndpoint::Healthy | TokenEndpoint::LoseAnswer | TokenEndpoint::ServerError => {
            match read(body) {
                Ok(token) => process(&shared, &token, mode),
                Err(problem) => problem.into_response(),
            }
        }
    };
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);

    shared.refresh_answers.pass().await;
    if let Some(fault) = lock(&shared.faults).next_refresh.take() {
        response.extensions_mut().insert(fault);
    }
    if mode == TokenEndpoint::LoseAnswer {
        response.extensions_mut().insert(LostAnswer);
    }
    response
}

/// The refresh token of the request. The content type is not looked at: the body is.
fn read(body: Result<Bytes, BytesRejection>) -> Result<String, Problem> {
    let invalid =
        |description| Problem::new(StatusCode::BAD_REQUEST, "invalid_request", description);
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "content_too_large",
            "the body is over 64 KiB",
        ),
        _ => invalid("the body could not be read"),
    })?;
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(&body) else {
        return Err(invalid("the body is not a JSON object"));
    };
    match fields.remove("refresh_token") {
        Some(Value::String(token)) => Ok(token),
        Some(_) => Err(invalid("refresh_token is not a string")),
        None => Err(invalid("refresh_token is missing")),
    }
}

fn process(shared: &Shared, token: &str, mode: TokenEndpoint) -> Response {
    let outcome = lock(&shared.tokens).refresh(token, Instant::now());
    let mut counts = lock(&shared.counts);
    counts.reuses += usize::from(matches!(outcome, Outcome::Reused));
    if mode == TokenEndpoint::ServerError {
        return Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "the refresh was processed, and then something broke",
        )
        .into_response();
    }
    match outcome {
        Outcome::Granted(grant) => {
            counts.refreshed += 1;
            granted(grant)
        }
        Outcome::Refused | Outcome::Reused => {
            counts.refresh_refused += 1;
            Problem::new(
                StatusCode::UNAUTHORIZED,
                "invalid_grant",
                "the refresh token is spent, revoked or unknown",
            )
            .challenged(r#"Bearer realm="books", error="invalid_token""#)
        }
    }
}

fn granted(grant: Grant) -> Response {
    Json(Answer {
        access_token: grant.access_token,
        token_type: "Bearer",
        expires_in: grant.lifetime.map(|lifetime| lifetime.as_secs()),
        refresh_token: grant.refresh_token,
    })
    .into_response()
}

fn unavailable(retry_after: Option<u64>) -> Response {
    let mut response = Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        "the refresh was not processed",
    )
    .into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}
