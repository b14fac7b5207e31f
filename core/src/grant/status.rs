//! What the status of an answer says, whatever the grant.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{Response, StatusCode};

use super::RefreshError;

/// The class of an answer that is no success, by its status alone.
///
/// A grant that finds an error code in the body knows better for 400 and 401. A 2xx that brought
/// no token is [unknown](RefreshError::unknown): the refresh token may be spent.
#[must_use]
pub fn refused_by_status<B>(response: &Response<B>) -> RefreshError {
    let status = response.status();
    let source = format!("the token endpoint answered {status}");
    match status {
        StatusCode::UNAUTHORIZED => RefreshError::refused(source),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            let error = RefreshError::transient(source);
            match retry_after(response) {
                Some(retry_after) => error.with_retry_after(retry_after),
                None => error,
            }
        }
        _ if status.is_client_error() || status.is_redirection() => {
            RefreshError::misconfigured(source)
        }
        _ => RefreshError::unknown(source),
    }
}

/// The form in seconds of [RFC 9110 §10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3).
fn retry_after<B>(response: &Response<B>) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}
