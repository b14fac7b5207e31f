//! Classifies a token response by its status.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, Response, StatusCode};

use super::RefreshError;

/// The error for a token response without a token, by its status alone.
///
/// If this is [misconfigured](RefreshError::misconfigured) or [refused](RefreshError::refused), an
/// error code in the body takes precedence. A 2xx without a token is
/// [unknown](RefreshError::unknown): the refresh token may be spent.
///
/// A 503 is [transient](RefreshError::transient) only with a `Retry-After`. Without one it may come
/// from a proxy whose upstream failed while it processed the request.
///
/// `Retry-After` is read with any status: in seconds, or as a date if the response has a `Date`,
/// since only the server's own clock tells how far away it is.
#[must_use]
pub fn refused_by_status<B>(response: &Response<B>) -> RefreshError {
    let status = response.status();
    let source = format!("the token endpoint answered {status}");
    let retry_after = retry_after(response.headers());
    let error = match status {
        StatusCode::UNAUTHORIZED => RefreshError::refused(source),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            RefreshError::transient(source)
        }
        StatusCode::SERVICE_UNAVAILABLE if retry_after.is_some() => RefreshError::transient(source),
        _ if status.is_redirection() => RefreshError::misconfigured(format!(
            "{source}: the endpoint has moved, and token requests follow no redirects"
        )),
        _ if status.is_client_error() => RefreshError::misconfigured(source),
        _ => RefreshError::unknown(source),
    };
    match retry_after {
        Some(retry_after) => error.with_retry_after(retry_after),
        None => error,
    }
}

/// Reads both forms of [RFC 9110 §10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // The session caps it anyway.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    until(value, headers)
}

#[cfg(any(feature = "json", feature = "session"))]
fn until(date: &str, headers: &HeaderMap) -> Option<Duration> {
    let then = httpdate::parse_http_date(date).ok()?;
    let now = headers.get(http::header::DATE)?.to_str().ok()?;
    let now = httpdate::parse_http_date(now).ok()?;
    Some(then.duration_since(now).unwrap_or_default())
}

/// Without these features the crate has no parser for dates.
#[cfg(not(any(feature = "json", feature = "session")))]
fn until(_date: &str, _headers: &HeaderMap) -> Option<Duration> {
    None
}
