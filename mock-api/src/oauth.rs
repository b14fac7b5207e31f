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
use axum::response::{IntoResponse, Response};
pub(crate) use client::Client;

use crate::problem::{Problem, unreadable};
use crate::shared::{Shared, lock};
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

/// `POST /oauth/revoke` ([RFC 7009]): 200 even for an unknown token.
///
/// [RFC 7009]: https://www.rfc-editor.org/rfc/rfc7009
pub(crate) async fn revoke(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let token = form(&shared, &headers, body).and_then(|mut form| {
        let token = form.remove("token");
        token.ok_or_else(|| invalid("token is missing"))
    });
    match token {
        Ok(token) => {
            let known = lock(&shared.tokens).revoke_token(&token);
            lock(&shared.counts).revocations += usize::from(known);
            StatusCode::OK.into_response()
        }
        Err(problem) => problem.into_response(),
    }
}

/// The form, if the client is authenticated.
fn form(
    shared: &Shared,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Form, Problem> {
    let body = body.map_err(|rejection| unreadable(&rejection))?;
    let form = parse(&body).ok_or_else(|| invalid("a parameter is repeated"))?;
    if let Some(client) = &shared.client {
        client.authenticate(headers, &form)?;
    }
    Ok(form)
}

fn read(
    shared: &Shared,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Question, Problem> {
    let mut form = form(shared, headers, body)?;
    match form.get("grant_type").map(String::as_str) {
        Some("refresh_token") => {
            let token = form.remove("refresh_token");
            let token = token.ok_or_else(|| invalid("refresh_token is missing"))?;
            Ok(Question::Refresh(token))
        }
        Some("client_credentials") => Ok(Question::ClientCredentials),
        Some(_) => Err(problem("unsupported_grant_type", "unknown grant type")),
        None => Err(invalid("grant_type is missing")),
    }
}

/// Returns `None` if a parameter is repeated, except for `resource` (RFC 8707 section 2).
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
