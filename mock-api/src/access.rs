//! Checks the access token of a request, and makes the 401 for a bad one.

use std::time::Instant;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::Resource;
use crate::problem::Problem;
use crate::shared::{Shared, lock};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    Refused,
    NoToken,
}

pub(crate) fn judge(shared: &Shared, resource: Resource, headers: &HeaderMap) -> Verdict {
    match bearer(headers) {
        None => Verdict::NoToken,
        Some(_) if resource == Resource::RefuseAll => Verdict::Refused,
        Some(token) if lock(&shared.tokens).accepts(token, Instant::now()) => Verdict::Accepted,
        Some(_) => Verdict::Refused,
    }
}

impl Verdict {
    /// Returns the 401, if the token was refused, with a body of at least `size` bytes.
    pub(crate) fn refusal(self, size: usize) -> Option<Response> {
        let (error, description, challenge) = match self {
            Self::Accepted => return None,
            Self::Refused => (
                "invalid_token",
                "the access token is expired, revoked or unknown",
                concat!(
                    r#"Bearer realm="books", error="invalid_token", "#,
                    r#"error_description="the access token is expired, revoked or unknown""#,
                ),
            ),
            Self::NoToken => (
                "unauthorized",
                "an access token is required",
                r#"Bearer realm="books""#,
            ),
        };
        let problem = Problem::new(StatusCode::UNAUTHORIZED, error, description);
        Some(problem.padded(size).challenged(challenge).into_response())
    }
}

/// The token of `Authorization: Bearer`. Two such headers count as none.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
