//! Answers of a token endpoint that a test writes.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

/// An answer of the token endpoint, for [`MockApi::answer_refreshes`]. Nothing is processed.
///
/// [`MockApi::answer_refreshes`]: crate::MockApi::answer_refreshes
#[derive(Clone, Debug)]
pub struct TokenAnswer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: String,
}

impl TokenAnswer {
    /// Makes an answer with this status and body, as `application/json`, whatever the body is.
    ///
    /// # Panics
    ///
    /// If the status is not a final one of three digits.
    #[must_use]
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).expect("a status of three digits");
        assert!(!status.is_informational(), "a final status, not a 1xx");
        Self {
            status,
            headers: vec![(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
            body: body.into(),
        }
    }

    /// Sets a header, replacing one of the same name.
    ///
    /// # Panics
    ///
    /// If the name or value is invalid.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a valid header name");
        let value = value.parse().expect("a valid header value");
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value));
        self
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response
    }
}
