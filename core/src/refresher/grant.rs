//! A grant over a transport.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::Response;

use super::TokenRefresher;
use crate::transport::{Failure, Transport};
use crate::{Body, Grant, RefreshError, Spends, Token, TokenResponse, collect, trace};

/// A grant over a transport: one question, one answer.
///
/// It follows no redirect: an endpoint that has moved is
/// [misconfigured](crate::RefreshErrorKind::Misconfigured). Of an answer it reads 64 KiB.
///
/// A session makes its own of a [`grant`](crate::SessionBuilder::grant). By itself it is of use
/// in a refresher that does more, and where there is no session:
///
/// ```
/// use reauth::{GrantRefresher, JsonGrant, RefreshError, Token, TokenRefresher, Transport};
///
/// # async fn example(transport: impl Transport + 'static, stale: Token) -> Result<(), Box<dyn std::error::Error>> {
/// let grant = JsonGrant::new("https://api.example.com/auth/refresh")?;
/// let refresher = GrantRefresher::new(grant, transport);
/// let answer = refresher.refresh(Some(&stale)).await?;
/// let newer = stale.renewed(answer, std::time::SystemTime::now());
/// # Ok(())
/// # }
/// ```
pub struct GrantRefresher<G, T> {
    pub(crate) grant: G,
    pub(crate) transport: Arc<T>,
}

impl<G, T> GrantRefresher<G, T> {
    /// A refresher that asks as this grant says, over this transport.
    pub fn new(grant: G, transport: T) -> Self {
        let transport = Arc::new(transport);
        Self { grant, transport }
    }
}

#[async_trait]
impl<G: Grant, T: Transport + 'static> TokenRefresher for GrantRefresher<G, T> {
    async fn refresh(&self, stale: Option<&Token>) -> Result<TokenResponse, RefreshError> {
        let request = self.grant.request(stale)?.map(Body::from);
        let call = trace::Call::of(request.method(), || request.uri().clone(), 0);
        let sent = call.begin(|| self.transport.send_token_call(request));
        let sent = call.around::<T>(sent).await;
        let mut answer = sent.map_err(|error| match T::failure(&error) {
            Failure::Invalid => RefreshError::misconfigured(error),
            Failure::Connect => RefreshError::transient(error),
            Failure::Timeout | Failure::Other => RefreshError::unknown(error),
        })?;
        let (body, whole) = collect::answer::<T>(&mut answer).await;
        let status = T::status(&answer);
        if let Err(error) = whole
            && status.is_success()
        {
            return Err(RefreshError::unknown(error));
        }
        // Of a refusal the head may say enough, wherever its body breaks off.
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = T::headers(&answer).clone();
        self.grant.response(&response)
    }

    fn spends(&self) -> Spends {
        self.grant.spends()
    }
}

impl<G: fmt::Debug, T> fmt::Debug for GrantRefresher<G, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrantRefresher")
            .field("grant", &self.grant)
            .finish_non_exhaustive()
    }
}
