//! The client: it sends one request, once.

use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, FutureExt};
use http::{Extensions, HeaderMap, StatusCode, Version};
use reauth::{Body, Failure, Runtime, Transport};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Request, Response, retry};

use crate::base::{Base, Endpoint};
use crate::convert::into_reqwest;
use crate::error::failure;
use crate::{SendError, TokioRuntime};

/// A [`reqwest::Client`], as a session needs it: it follows no redirect and retries nothing.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: Client,
    redirects: Redirects,
    base: Arc<Base>,
    endpoint: Arc<Endpoint>,
    runtime: Arc<TokioRuntime>,
}

/// Who says that the client follows none.
#[derive(Clone, Copy, Debug)]
enum Redirects {
    /// This crate, which made it.
    Off,
    /// Whoever made it: each answer is looked at.
    Vouched,
}

/// Well below the 24 seconds that a refresh has for its call by default.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl ReqwestTransport {
    /// The client that this makes, with redirects and retries switched off, since reqwest would
    /// carry the token along to other origins, and 10 seconds to connect, so that a token server
    /// that cannot be reached is told from one whose answer is lost.
    ///
    /// reqwest obeys proxy variables of the environment (`HTTP_PROXY` and its like), for this
    /// machine too: what goes over `http` is readable to the proxy, tokens included. Its builder
    /// has `no_proxy()`.
    ///
    /// # Errors
    ///
    /// Those of [`ClientBuilder::build`].
    pub fn new(client: ClientBuilder) -> reqwest::Result<Self> {
        let client = client
            .redirect(Policy::none())
            .retry(retry::never())
            .connect_timeout(CONNECT_TIMEOUT);
        let client = client.build()?;
        Ok(Self::over(client, Redirects::Off))
    }

    /// A ready client, whose builder had `redirect(Policy::none())`, `retry(retry::never())` and
    /// a `connect_timeout` well below the session's refresh timeout: that cannot be read from it,
    /// so the caller vouches for it.
    ///
    /// An answer that comes from another URL than the request's is an error.
    #[must_use]
    pub fn from_client_without_redirects(client: Client) -> Self {
        Self::over(client, Redirects::Vouched)
    }

    fn over(client: Client, redirects: Redirects) -> Self {
        let runtime = Arc::new(TokioRuntime::new());
        Self {
            client,
            redirects,
            base: Arc::default(),
            endpoint: Arc::default(),
            runtime,
        }
    }

    /// The request is taken apart here, and not in the future, which would keep a place for it.
    pub(crate) fn execute(
        &self,
        request: reqwest::Result<Request>,
    ) -> impl Future<Output = Result<Response, SendError>> + Send + use<> {
        let url = match (self.redirects, &request) {
            (Redirects::Vouched, Ok(request)) => {
                let mut url = Box::new(request.url().clone());
                // No answer is told to come from one.
                url.set_fragment(None);
                Some(url)
            }
            (Redirects::Off, _) | (Redirects::Vouched, Err(_)) => None,
        };
        let sent = match request {
            Ok(request) => Either::Left(self.client.execute(request)),
            Err(error) => Either::Right(ready(error).map(Err)),
        };
        sent.map(move |sent| match (&sent, url) {
            (Ok(response), Some(url)) if *response.url() != *url => Err(SendError::Redirected),
            _ => sent.map_err(SendError::of),
        })
    }
}

impl Transport for ReqwestTransport {
    type Response = Response;
    type Error = SendError;

    fn send(
        &self,
        request: http::Request<Body>,
    ) -> impl Future<Output = Result<Response, SendError>> + Send {
        self.execute(into_reqwest(self.base.url(request.uri()), request))
    }

    fn send_token_call(
        &self,
        request: http::Request<Body>,
    ) -> impl Future<Output = Result<Response, SendError>> + Send {
        self.execute(into_reqwest(self.endpoint.url(request.uri()), request))
    }

    fn status(response: &Response) -> StatusCode {
        response.status()
    }

    fn headers(response: &Response) -> &HeaderMap {
        response.headers()
    }

    fn version(response: &Response) -> Option<Version> {
        Some(response.version())
    }

    fn extensions_mut(response: &mut Response) -> &mut Extensions {
        response.extensions_mut()
    }

    async fn chunk(response: &mut Response) -> Result<Option<Bytes>, SendError> {
        response.chunk().await.map_err(SendError::of)
    }

    fn failure(error: &SendError) -> Failure {
        match error {
            SendError::Client(error) => failure(error),
            SendError::Redirected => Failure::Other,
        }
    }

    fn runtime(&self) -> Arc<dyn Runtime> {
        self.runtime.clone()
    }
}
