//! A grant over a transport.

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

/// A grant over a transport: one question, one answer.
///
/// It follows no redirect: an endpoint that has moved is
/// [misconfigured](crate::RefreshErrorKind::Misconfigured). Of an answer it reads 64 KiB.
///
/// A session makes its own of a [`grant`](crate::SessionBuilder::grant). By itself it is of use
/// in a refresher that does more, and where there is no session:
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
    /// A refresher that asks as this grant says, over this transport.
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
        let mut request = request.map(|body| match (body.is_empty(), connection) {
            // The refresh token is in it: until somebody asks for it nothing is spent.
            (false, Connection::Own) if call.is_held() => {
                Body::once(Watched::new(body, call.progress()))
            }
            _ => {
                call.progress().begin();
                Body::from(body)
            }
        });
        // A client would unpack what it asked for itself, and not what it did not.
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
            // Of a refusal the head says enough, where its body does not come.
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
                    let error = format!("the token endpoint's answer is over {limit} KiB");
                    return Err(RefreshError::unknown(error));
                }
            }
        }
        // Of a refusal the head may say enough, wherever its body breaks off.
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
