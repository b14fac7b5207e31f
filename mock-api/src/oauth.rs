//! `POST /oauth/token`: the token endpoint of OAuth 2.0 ([RFC 6749 §3.2]), for refresh tokens and
//! client credentials.
//!
//! [RFC 6749 §3.2]: https://www.rfc-editor.org/rfc/rfc6749#section-3.2

mod client;

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
pub(crate) use client::Client;

use crate::problem::{Problem, unreadable};
use crate::shared::Shared;
use crate::token_call::{self, Question};

const REFUSED: Problem = problem(
    "invalid_grant",
    "the refresh token is spent, revoked or unknown",
);

type Form = HashMap<String, String>;

pub(crate) async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let question = read(&shared, &headers, body);
    token_call::answer(&shared, question, REFUSED).await
}

fn read(
    shared: &Shared,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Question, Problem> {
    let body = body.map_err(|rejection| unreadable(&rejection))?;
    let mut form = parse(&body).ok_or_else(|| invalid("a parameter is there twice"))?;
    if let Some(client) = &shared.client {
        client.authenticate(headers, &form)?;
    }
    match form.get("grant_type").map(String::as_str) {
        Some("refresh_token") => {
            let token = form.remove("refresh_token");
            let token = token.ok_or_else(|| invalid("refresh_token is missing"))?;
            Ok(Question::Refresh(token))
        }
        Some("client_credentials") => Ok(Question::ClientCredentials),
        Some(_) => Err(problem("unsupported_grant_type", "that grant is not known")),
        None => Err(invalid("grant_type is missing")),
    }
}

/// None where a parameter is there twice, but for `resource` (RFC 8707 section 2).
fn parse(body: &[u8]) -> Option<Form> {
    let mut form = Form::new();
    for (name, value) in form_urlencoded::parse(body) {
        let before = form.insert(name.to_string(), value.into_owned());
        if before.is_some() && name != "resource" {
            return None;
        }
    }
    Some(form)
}

const fn invalid(description: &'static str) -> Problem {
    problem("invalid_request", description)
}

const fn problem(error: &'static str, description: &'static str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, error, description)
}
