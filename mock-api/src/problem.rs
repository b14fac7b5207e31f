//! Errors as the API answers them: `{"error": "...", "error_description": "..."}`.

use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An answer that is no success, in the form of [RFC 6749 §5.2].
///
/// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
#[derive(Clone, Copy, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
    size: usize,
}

impl Problem {
    pub(crate) const fn new(
        status: StatusCode,
        error: &'static str,
        description: &'static str,
    ) -> Self {
        Self {
            status,
            error,
            description,
            size: 0,
        }
    }

    /// Pads the body to this many bytes with spaces, which leave JSON as it is.
    pub(crate) const fn padded(self, size: usize) -> Self {
        Self { size, ..self }
    }

    /// Adds the challenge of [RFC 6750 §3].
    ///
    /// [RFC 6750 §3]: https://www.rfc-editor.org/rfc/rfc6750#section-3
    pub(crate) fn challenged(self, challenge: &'static str) -> Response {
        let mut response = self.into_response();
        let challenge = HeaderValue::from_static(challenge);
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({"error": self.error, "error_description": self.description});
        let mut body = body.to_string().into_bytes();
        body.resize(self.size.max(body.len()), b' ');
        (self.status, [(CONTENT_TYPE, "application/json")], body).into_response()
    }
}
