//! `POST /auth/refresh`: a refresh token in a JSON object.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use crate::problem::{Problem, unreadable};
use crate::shared::Shared;
use crate::token_call::{self, Question};

const REFUSED: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "invalid_grant",
    "the refresh token is spent, revoked or unknown",
)
.challenged(r#"Bearer realm="books", error="invalid_token""#);

pub(crate) async fn refresh(
    State(shared): State<Arc<Shared>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let question = read(body).map(Question::Refresh);
    token_call::answer(&shared, question, REFUSED).await
}

/// Reads the refresh token of the request. The content type does not matter.
fn read(body: Result<Bytes, BytesRejection>) -> Result<String, Problem> {
    let invalid =
        |description| Problem::new(StatusCode::BAD_REQUEST, "invalid_request", description);
    let body = body.map_err(|rejection| unreadable(&rejection))?;
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(&body) else {
        return Err(invalid("the body is not a JSON object"));
    };
    match fields.remove("refresh_token") {
        Some(Value::String(token)) => Ok(token),
        Some(_) => Err(invalid("refresh_token is not a string")),
        None => Err(invalid("refresh_token is missing")),
    }
}
