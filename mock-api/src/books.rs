//! `GET /api/books`: gate, token check, gate, response.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use crate::Resource;
use crate::access::{Verdict, judge};
use crate::book::shelf;
use crate::shared::{Shared, lock};

pub(crate) async fn list(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    shared.book_requests.pass().await;
    let resource = lock(&shared.faults).resource;
    let verdict = judge(&shared, resource, &headers);
    match verdict {
        Verdict::Accepted => lock(&shared.counts).books_ok += 1,
        Verdict::Refused | Verdict::NoToken => lock(&shared.counts).books_unauthorized += 1,
    }
    shared.books.pass().await;
    let size = match resource {
        Resource::Healthy | Resource::RefuseAll => 0,
        Resource::Large401(size) => size,
    };
    let refusal = verdict.refusal(size);
    let mut response = refusal.unwrap_or_else(|| Json(shelf()).into_response());
    if let Some(fault) = lock(&shared.faults).next_books.take() {
        response.extensions_mut().insert(fault);
    }
    response
}
