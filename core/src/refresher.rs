//! How a session gets a token: by any means, or by a grant over a transport.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::BytesMut;
use http::Response;

use crate::transport::{Failure, Transport};
use crate::{Body, Grant, RefreshError, Token, TokenResponse, collect};

/// Trades a token for a newer one, by any means.
///
/// A session calls it once for each refresh, and again only after a
/// [`transient`](RefreshError::transient) error
/// ([`refresh_retries`](crate::SessionBuilder::refresh_retries)); never twice at a time, and with a
/// deadline for all of it. It must not send through the session that it serves: it would wait for itself, and gets
/// [`ErrorKind::RefreshMisconfigured`](crate::ErrorKind::RefreshMisconfigured) in its place.
#[async_trait]
pub trait TokenRefresher: Send + Sync + 'static {
    /// Trades this token for a newer one; for the first token of a session that began without
    /// one ([`SessionBuilder::without_token`](crate::SessionBuilder::without_token)), `None`.
    ///
    /// # Errors
    ///
    /// [`RefreshError`], whose kind decides what may be done next: where in doubt,
    /// [`unknown`](RefreshError::unknown).
    ///
    /// # Cancel safety
    ///
    /// It is dropped at the session's refresh deadline; the outcome counts as unknown then.
    async fn refresh(&self, stale: Option<&Token>) -> Result<TokenResponse, RefreshError>;
}

/// A grant over a transport.
pub(crate) struct GrantRefresher<G, T> {
    pub(crate) grant: G,
    pub(crate) transport: Arc<T>,
}

/// How much of a token server's answer is read, in bytes.
const ANSWER_LIMIT: usize = 64 * 1024;

#[async_trait]
impl<G: Grant, T: Transport + 'static> TokenRefresher for GrantRefresher<G, T> {
    async fn refresh(&self, stale: Option<&Token>) -> Result<TokenResponse, RefreshError> {
        let request = self.grant.request(stale)?.map(Body::from);
        let sent = self.transport.send_token_call(request).await;
        let mut answer = sent.map_err(|error| match T::failure(&error) {
            Failure::Invalid => RefreshError::misconfigured(error),
            Failure::Connect => RefreshError::transient(error),
            Failure::Timeout | Failure::Other => RefreshError::unknown(error),
        })?;
        let mut body = BytesMut::new();
        let whole = collect::fill::<T>(&mut body, ANSWER_LIMIT, &mut answer).await;
        let status = T::status(&answer);
        if let Err(error) = whole
            && status.is_success()
        {
            return Err(RefreshError::unknown(error));
        }
        // Of a refusal the head may say enough, wherever its body breaks off.
        let mut response = Response::new(body.freeze());
        *response.status_mut() = status;
        *response.headers_mut() = T::headers(&answer).clone();
        self.grant.response(&response)
    }
}
