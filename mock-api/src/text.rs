//! `/api/books/{id}/text`: bodies in more than one piece.
//!
//! An upload is read to its end before its token is checked, as behind a proxy that buffers. It is
//! not stored; the receipt says what arrived.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Resource;
use crate::access::{Verdict, judge};
use crate::book::shelf;
use crate::problem::Problem;
use crate::shared::{Shared, lock};

/// The receipt of an upload, as `PUT /api/books/{id}/text` returns it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Receipt {
    /// How many bytes arrived.
    pub bytes: u64,
    /// Their SHA-256, in lower-case hexadecimal.
    pub sha256: String,
}

/// How many pages a text has; each is a piece of the response.
const PAGES: u32 = 500;

pub(crate) async fn put(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let mut pieces = body.into_data_stream();
    let mut digest = Sha256::new();
    let mut bytes = 0;
    while let Some(piece) = pieces.next().await {
        let Ok(piece) = piece else {
            let cut = Problem::new(StatusCode::BAD_REQUEST, "cut_off", "the body broke off");
            return cut.into_response();
        };
        digest.update(&piece);
        bytes += piece.len() as u64;
    }
    if let Some(refusal) = admit(&shared, &headers) {
        return refusal;
    }
    let sha256 = digest.finalize();
    let sha256 = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    Json(Receipt { bytes, sha256 }).into_response()
}

pub(crate) async fn get(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = admit(&shared, &headers) {
        return refusal;
    }
    let Some(book) = shelf().into_iter().find(|book| book.id.to_string() == id) else {
        let none = Problem::new(StatusCode::NOT_FOUND, "not_found", "there is no such book");
        return none.into_response();
    };
    let page = move |number| {
        let line = format!("{}, page {number} of {PAGES}\n", book.title);
        Ok::<_, Infallible>(Bytes::from(line.repeat(40)))
    };
    let text = Body::from_stream(stream::iter((1..=PAGES).map(page)));
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// The 401 for a request without a good token.
fn admit(shared: &Shared, headers: &HeaderMap) -> Option<Response> {
    let verdict = judge(shared, Resource::Healthy, headers);
    match verdict {
        Verdict::Accepted => lock(&shared.counts).texts_ok += 1,
        Verdict::Refused | Verdict::NoToken => lock(&shared.counts).texts_unauthorized += 1,
    }
    verdict.refusal(0)
}
