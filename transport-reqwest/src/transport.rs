//! The client: it sends one request, once.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Extensions, HeaderMap, Request, StatusCode, Version};
use reauth::{Body, Failure, Runtime, Transport};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response, retry};

use crate::convert::into_reqwest;
use crate::error::failure;
use crate::{SendError, TokioRuntime};

/// A [`reqwest::Client`], as a session needs it: it follows no redirect and retries nothing.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: Client,
    runtime: Arc<TokioRuntime>,
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
        client.build().map(Self::from_client_without_redirects)
    }

    /// A ready client, whose builder had `redirect(Policy::none())`, `retry(retry::never())` and
    /// a `connect_timeout` well below the session's refresh timeout: that cannot be read from it,
    /// so the caller vouches for it.
    ///
    /// An answer that comes from another URL than the request's is an error.
    #[must_use]
    pub fn from_client_without_redirects(client: Client) -> Self {
        Self {
            client,
            runtime: Arc::new(TokioRuntime::new()),
        }
    }
}

impl Transport for ReqwestTransport {
    type Response = Response;
    type Error = SendError;

    async fn send(&self, request: Request<Body>) -> Result<Response, SendError> {
        let request = into_reqwest(request).map_err(SendError::of)?;
        let url = request.url().clone();
        let sent = self.client.execute(request).await;
        let response = sent.map_err(SendError::of)?;
        if *response.url() != url {
            return Err(SendError::Redirected);
        }
        Ok(response)
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
