//! What a token endpoint answers because a test says so.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

/// An answer of the token endpoint, for [`MockApi::answer_refreshes`]: nothing is processed.
///
/// [`MockApi::answer_refreshes`]: crate::MockApi::answer_refreshes
#[derive(Clone, Debug)]
pub struct TokenAnswer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: String,
}

impl TokenAnswer {
    /// An answer with this status and body, as `application/json`, whatever the body is.
    ///
    /// # Panics
    ///
    /// Panics if that is no status of an answer: one of three digits, not 1xx.
    #[must_use]
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).expect("a status has three digits");
        assert!(!status.is_informational(), "an answer comes after a 1xx");
        Self {
            status,
            headers: vec![(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
            body: body.into(),
        }
    }

    /// Adds a header; one of the same name before it is replaced.
    ///
    /// # Panics
    ///
    /// Panics if it is none.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("the name of a header");
        let value = value.parse().expect("the value of a header");
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
