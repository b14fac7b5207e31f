//! The first token of each session of ours, and what a bare client attaches instead.

use std::time::Duration;

use http::HeaderValue;
use reauth_reqwest::reauth::{JsonGrant, SessionBuilder, Token, Transport};

use crate::BoxError;
use crate::target::Target;

/// The options that are the same over every client.
pub(crate) fn signed_in<T: Transport + 'static>(
    builder: SessionBuilder<T>,
    target: &Target,
) -> Result<SessionBuilder<T>, BoxError> {
    let token = Token::new(&*target.access_token)?;
    Ok(builder
        .origin(&target.origin)
        .grant(JsonGrant::new(&target.token_endpoint())?)
        // One figure refuses each token after its first request.
        .refresh_limit(u32::MAX, Duration::from_secs(1))
        .token(token.with_refresh_token(&*target.refresh_token)))
}

/// The header's value, prepared.
pub(crate) fn bearer(target: &Target) -> Result<HeaderValue, BoxError> {
    Ok(HeaderValue::try_from(format!(
        "Bearer {}",
        target.access_token
    ))?)
}
