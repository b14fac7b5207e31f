//! What the status of an answer says, whatever the grant.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, Response, StatusCode};

use super::RefreshError;

/// The class of an answer that is no success, by its status alone.
///
/// A grant that finds an error code in the body knows better where this is
/// [misconfigured](RefreshError::misconfigured) or [refused](RefreshError::refused). A 2xx that
/// brought no token is [unknown](RefreshError::unknown): the refresh token may be spent.
///
/// A 503 is [transient](RefreshError::transient) where it has a `Retry-After`: without one it may
/// come from a proxy whose upstream broke off, and proves nothing.
///
/// `Retry-After` is read with whatever status, in seconds, and as a date where the answer has a `Date`, too: how long
/// it is until then is told by the server's clock alone.
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
            "{source}: it has moved, and a token call follows no redirect"
        )),
        _ if status.is_client_error() => RefreshError::misconfigured(source),
        _ => RefreshError::unknown(source),
    };
    match retry_after {
        Some(retry_after) => error.with_retry_after(retry_after),
        None => error,
    }
}

/// In either form of [RFC 9110 §10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than that is for ever, too.
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

/// Without features this crate has no reader of dates.
#[cfg(not(any(feature = "json", feature = "session")))]
fn until(_date: &str, _headers: &HeaderMap) -> Option<Duration> {
    None
}
