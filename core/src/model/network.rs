//! Responses from the network, made from fuzzed bytes.

use std::time::{Duration, SystemTime};

use http::{HeaderValue, Response, StatusCode, header};

use crate::{Grant, JsonGrant, Token};

/// Reads a token response from bytes: two bytes for the status, one for the length of the
/// `Retry-After`, its value, and the body.
///
/// # Panics
///
/// If the grant returns an invalid token, or panics.
pub fn token_response(bytes: &[u8]) {
    let [high, low, length, rest @ ..] = bytes else {
        return;
    };
    let status = u16::from_be_bytes([*high, *low]);
    let Ok(status) = StatusCode::from_u16(100 + status % 900) else {
        return;
    };
    let (retry_after, body) = rest.split_at(usize::from(*length).min(rest.len()));
    let mut response = Response::new(body.to_vec().into());
    *response.status_mut() = status;
    // A date in `Retry-After` is relative to this one.
    let date = HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT");
    response.headers_mut().insert(header::DATE, date);
    if let Ok(value) = HeaderValue::from_bytes(retry_after) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }

    let grant = JsonGrant::new("https://example.com/token").expect("an absolute URL");
    let Ok(response) = grant.response(&response) else {
        return;
    };
    assert!(status.is_success(), "a token comes with a success");
    assert_ne!(
        response.expires_in(),
        Some(Duration::ZERO),
        "a lifetime of zero counts as unknown"
    );
    let bearer = format!("Bearer {}", response.access_token());
    HeaderValue::try_from(bearer).expect("an access token is a valid header value");

    let old = Token::new("old").expect("an access token");
    let now = SystemTime::UNIX_EPOCH;
    let renewed = old.with_refresh_token("r").renewed(response, now);
    assert!(
        renewed
            .refresh_token()
            .is_some_and(|token| !token.is_empty())
    );
    _ = renewed.lifetime(now);
}
