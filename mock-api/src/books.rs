//! `GET /api/books`: pass the gate, judge the token, pass the gate, answer.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::Resource;
use crate::book::shelf;
use crate::problem::Problem;
use crate::shared::{Shared, lock};

enum Verdict {
    Accepted,
    Refused,
    NoToken,
}

pub(crate) async fn list(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    shared.book_requests.pass().await;
    let resource = lock(&shared.faults).resource;
    let verdict = judge(&shared, resource, &headers);
    shared.books.pass().await;
    let size = match resource {
        Resource::Healthy | Resource::RefuseAll => 0,
        Resource::Large401(size) => size,
    };
    let mut response = match verdict {
        Verdict::Accepted => Json(shelf()).into_response(),
        Verdict::Refused => Problem::new(
            StatusCode::UNAUTHORIZED,
            "invalid_token",
            "the access token is expired, revoked or unknown",
        )
        .padded(size)
        .challenged(concat!(
            r#"Bearer realm="books", error="invalid_token", "#,
            r#"error_description="the access token is expired, revoked or unknown""#,
        )),
        Verdict::NoToken => Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "an access token is required",
        )
        .padded(size)
        .challenged(r#"Bearer realm="books""#),
    };
    if let Some(fault) = lock(&shared.faults).next_books.take() {
        response.extensions_mut().insert(fault);
    }
    response
}

fn judge(shared: &Shared, resource: Resource, headers: &HeaderMap) -> Verdict {
    let verdict = match bearer(headers) {
        None => Verdict::NoToken,
        Some(_) if resource == Resource::RefuseAll => Verdict::Refused,
        Some(token) if lock(&shared.tokens).accepts(token, Instant::now()) => Verdict::Accepted,
        Some(_) => Verdict::Refused,
    };
    let mut counts = lock(&shared.counts);
    match verdict {
        Verdict::Accepted => counts.books_ok += 1,
        Verdict::Refused | Verdict::NoToken => counts.books_unauthorized += 1,
    }
    verdict
}

/// The token of `Authorization: Bearer`. Two such headers are none: which one is meant?
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
