//! A call of either token endpoint: count, gate, process, gate, response.

use std::time::Instant;

use axum::Json;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;

use crate::TokenEndpoint;
use crate::connection::LostAnswer;
use crate::problem::Problem;
use crate::shared::{Shared, lock};
use crate::tokens::{Grant, Outcome};

/// What the call asks for.
pub(crate) enum Question {
    Refresh(String),
    ClientCredentials,
}

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

/// Answers the call, with this refusal if the refresh token is bad.
pub(crate) async fn answer(
    shared: &Shared,
    question: Result<Question, Problem>,
    refusal: Problem,
) -> Response {
    lock(&shared.counts).refreshes += 1;
    shared.refreshes.pass().await;

    let (scripted, mode) = {
        let mut faults = lock(&shared.faults);
        (faults.token_answers.pop_front(), faults.token_endpoint)
    };
    let mut response = match (scripted, mode) {
        (Some(scripted), _) => scripted.into_response(),
        (None, TokenEndpoint::Unavailable { retry_after }) => unavailable(retry_after),
        (None, TokenEndpoint::Garbage) => {
            Html("<!doctype html><title>Welcome</title>").into_response()
        }
        (None, TokenEndpoint::Healthy | TokenEndpoint::LoseAnswer | TokenEndpoint::ServerError) => {
            match question {
                Ok(question) => process(shared, &question, mode, refusal),
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

fn process(
    shared: &Shared,
    question: &Question,
    mode: TokenEndpoint,
    refusal: Problem,
) -> Response {
    let outcome = {
        let mut tokens = lock(&shared.tokens);
        match question {
            Question::Refresh(token) => tokens.refresh(token, Instant::now()),
            Question::ClientCredentials => tokens.grant_to_client(Instant::now()),
        }
    };
    let mut counts = lock(&shared.counts);
    counts.reuses += usize::from(matches!(outcome, Outcome::Reused));
    if mode == TokenEndpoint::ServerError {
        return Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "the refresh was processed, and then the server failed",
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
            refusal.into_response()
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
