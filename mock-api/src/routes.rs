//! The routes, and the responses for unknown paths and methods.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{get, post, put};

use crate::problem::Problem;
use crate::shared::Shared;
use crate::{books, oauth, refresh, text};

const BODY_LIMIT: usize = 64 * 1024;

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/api/books", get(books::list))
        // Read piece by piece, so it needs no limit.
        .route("/api/books/{id}/text", put(text::put).get(text::get))
        .route("/auth/refresh", post(refresh::refresh))
        .route("/oauth/token", post(oauth::token))
        .route("/oauth/revoke", post(oauth::revoke))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(shared)
}

async fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "the Allow header lists the methods of this path",
    )
}

async fn not_found() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "there are GET /api/books, GET and PUT /api/books/{id}/text, POST /auth/refresh, \
         POST /oauth/token, and POST /oauth/revoke",
    )
}
