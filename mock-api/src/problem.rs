//! The error responses of the API: `{"error": "...", "error_description": "..."}`.

use axum::extract::rejection::BytesRejection;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error response, in the form of [RFC 6749 §5.2].
///
/// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
#[derive(Clone, Copy, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
    size: usize,
    challenge: Option<&'static str>,
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
            challenge: None,
        }
    }

    /// Pads the body to this many bytes with spaces, which JSON ignores.
    pub(crate) const fn padded(self, size: usize) -> Self {
        Self { size, ..self }
    }

    /// Adds the challenge of [RFC 6750 §3].
    ///
    /// [RFC 6750 §3]: https://www.rfc-editor.org/rfc/rfc6750#section-3
    pub(crate) const fn challenged(self, challenge: &'static str) -> Self {
        Self {
            challenge: Some(challenge),
            ..self
        }
    }
}

/// The response to a body that was not read to its end.
pub(crate) fn unreadable(rejection: &BytesRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "content_too_large",
            "the body is over 64 KiB",
        ),
        _ => Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "the body could not be read",
        ),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({"error": self.error, "error_description": self.description});
        let mut body = body.to_string().into_bytes();
        body.resize(self.size.max(body.len()), b' ');
        let mut response =
            (self.status, [(CONTENT_TYPE, "application/json")], body).into_response();
        if let Some(challenge) = self.challenge {
            let challenge = HeaderValue::from_static(challenge);
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
