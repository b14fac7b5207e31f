//! A refresher that sends a grant's request over a transport.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::ACCEPT_ENCODING;
use http::{HeaderValue, Request, Response, Uri};

use super::call::Abandoned;
use super::watched::Watched;
use super::{TokenCall, TokenRefresher};
use crate::collect::End;
use crate::origin::shown;
use crate::runtime::within;
use crate::transport::{Failure, Transport};
use crate::{Body, Connection, Grant, RefreshError, Spends, Token, TokenResponse, collect, trace};

/// A [`TokenRefresher`] that sends a grant's request over a transport.
///
/// It follows no redirects: an endpoint that has moved is
/// [misconfigured](crate::RefreshErrorKind::Misconfigured). It reads up to 64 KiB of the response.
///
/// A session makes one for its [`grant`](crate::SessionBuilder::grant). Use it directly inside of
/// another refresher, or without a session:
///
/// ```
/// use reauth::{GrantRefresher, JsonGrant, Token, TokenCall, TokenRefresher, Transport};
///
/// # async fn example(transport: impl Transport + 'static, stale: Token) -> Result<(), Box<dyn std::error::Error>> {
/// let grant = JsonGrant::new("https://api.example.com/auth/refresh")?;
/// let refresher = GrantRefresher::new(grant, transport);
/// let answer = refresher.refresh(&TokenCall::new(Some(&stale))).await?;
/// let newer = stale.renewed(answer, std::time::SystemTime::now());
/// # Ok(())
/// # }
/// ```
pub struct GrantRefresher<G, T> {
    pub(crate) grant: G,
    pub(crate) transport: Arc<T>,
}

impl<G, T> GrantRefresher<G, T> {
    /// A refresher that sends this grant's requests over this transport.
    pub fn new(grant: G, transport: T) -> Self {
        let transport = Arc::new(transport);
        Self { grant, transport }
    }
}

#[async_trait]
impl<G: Grant, T: Transport + 'static> TokenRefresher for GrantRefresher<G, T> {
    async fn refresh(&self, call: &TokenCall<'_>) -> Result<TokenResponse, RefreshError> {
        let request = self.grant.request(call.stale())?;
        let endpoint = shown(request.uri());
        let answered = self.ask(request, call).await;
        answered.map_err(|error| error.with_endpoint(endpoint))
    }

    fn can_refresh(&self, stale: Option<&Token>) -> bool {
        self.grant.can_refresh(stale)
    }

    fn supported(&self) -> Result<(), &'static str> {
        match self.grant.endpoint().as_ref().and_then(Uri::scheme) {
            Some(scheme) => self.transport.supports(scheme),
            None => Ok(()),
        }
    }

    fn spends(&self) -> Spends {
        self.grant.spends()
    }
}

impl<G: Grant, T: Transport + 'static> GrantRefresher<G, T> {
    async fn ask(
        &self,
        request: Request<Bytes>,
        call: &TokenCall<'_>,
    ) -> Result<TokenResponse, RefreshError> {
        let connection = call.connection();
        call.hold();
        let body_spends = connection == Connection::Own && !request.body().is_empty();
        let mut request = if body_spends && call.is_held() {
            // The body has the refresh token: nothing is spent before the client reads it.
            request.map(|body| Body::once(Watched::new(body, call.progress())))
        } else {
            call.begin()?;
            request.map(Body::from)
        };
        // Clients decode a body only if they asked for the coding themselves.
        let encoding = request.headers_mut().entry(ACCEPT_ENCODING);
        encoding.or_insert(HeaderValue::from_static("identity"));
        let span = trace::Call::of(request.method(), || request.uri().clone(), 0);
        let sent = span.begin(|| self.transport.send_token_call(request, connection));
        let sent = span.around::<T>(sent).await;
        let mut answer = sent.map_err(|error| match T::failure(&error) {
            Failure::Invalid => RefreshError::misconfigured(error),
            Failure::Connect | Failure::NotProcessed => RefreshError::transient(error),
            Failure::Timeout | Failure::Other => match call.abandon() {
                Abandoned::Unsent => RefreshError::transient(error),
                Abandoned::Begun => RefreshError::unknown(error),
            },
        })?;
        let runtime = self.transport.runtime();
        let is_whole = |body: &[u8]| self.grant.is_whole(body);
        let status = T::status(&answer);
        let read = collect::token_answer::<T>(&mut answer, &*runtime, is_whole);
        let (body, end) = match status.is_success() {
            true => read.await,
            // For an error the head is enough if the body does not arrive.
            false => within(&*runtime, collect::REFUSAL_PATIENCE, read)
                .await
                .unwrap_or((Bytes::new(), End::Whole)),
        };
        if status.is_success() {
            match end {
                End::Whole => {}
                End::Broken(error) => return Err(RefreshError::unknown(error)),
                End::TooLong => {
                    let limit = collect::ANSWER_LIMIT / 1024;
                    let error =
                        format!("the response of the token endpoint is longer than {limit} KiB");
                    return Err(RefreshError::unknown(error));
                }
            }
        }
        // For an error the head may be enough, even if its body broke off.
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = T::headers(&answer).clone();
        self.grant.response(&response)
    }
}

impl<G: fmt::Debug, T> fmt::Debug for GrantRefresher<G, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrantRefresher")
            .field("grant", &self.grant)
            .finish_non_exhaustive()
    }
}
