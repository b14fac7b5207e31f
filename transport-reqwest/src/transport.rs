//! The transport: it sends one request, once.

use std::fmt;
use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, FutureExt};
use http::uri::Scheme;
use http::{Extensions, HeaderMap, StatusCode, Version};
use reauth::{Body, Connection, Failure, Runtime, Transport};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Request, Response, retry};

use crate::base::{Base, Endpoint};
use crate::convert::into_reqwest;
use crate::error::failure;
use crate::tls::{ADD_IT, Tls};
use crate::{SendError, TokioRuntime};

/// A [`reqwest::Client`] for requests, and a second one for token calls.
///
/// Neither client follows redirects. The first resends what HTTP/2 proves unprocessed, which is
/// reqwest's default. The second uses each connection once, resends nothing, and has no total or
/// read timeout: the session bounds and repeats token calls itself.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: Client,
    token_calls: Client,
    redirects: Redirects,
    tls: Tls,
    base: Arc<Base>,
    endpoint: Arc<Endpoint>,
    runtime: Arc<TokioRuntime>,
}

/// Without the clients, whose default headers may hold a key.
impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").finish_non_exhaustive()
    }
}

/// How it is known that the clients follow no redirects.
#[derive(Clone, Copy)]
enum Redirects {
    /// This crate built the clients that way.
    Off,
    /// The caller promised it, so the URL of each response is checked.
    Vouched,
}

/// Well below the 24 seconds that a token call has by default.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Stands for no timeout, because a builder cannot unset one.
const NEVER: Duration = Duration::from_secs(365 * 24 * 3600);

impl ReqwestTransport {
    /// Builds two clients with the same options: `configure` is called once for each.
    ///
    /// The builder it gets has a `connect_timeout` of 10 seconds, which `configure` may change. It
    /// tells a token server that cannot be reached from one whose response is lost. What a session
    /// needs is set afterwards: no redirects, because reqwest would send the token to other
    /// origins; and for token calls no reuse of connections, no retries, and no total or read
    /// timeout.
    ///
    /// Proxies, certificates, identity and user agent apply to token calls too. State that a
    /// builder creates is not shared: `cookie_store(true)` makes two stores. A `cookie_provider` is
    /// shared.
    ///
    /// reqwest uses the proxies that the environment sets (`HTTP_PROXY` and the like), even for
    /// loopback addresses. A proxy can read what goes over `http`, tokens included. Call
    /// `no_proxy()` on the builder to switch them off.
    ///
    /// ```
    /// use reauth_reqwest::ReqwestTransport;
    ///
    /// let transport = ReqwestTransport::new(|client| client.user_agent("books/1.0"))?;
    /// # Ok::<(), reauth_reqwest::reqwest::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`ClientBuilder::build`].
    pub fn new(configure: impl Fn(ClientBuilder) -> ClientBuilder) -> reqwest::Result<Self> {
        let builder = || {
            let defaults = Client::builder().connect_timeout(CONNECT_TIMEOUT);
            configure(defaults).redirect(Policy::none())
        };
        let token_calls = builder()
            .retry(retry::never())
            .pool_max_idle_per_host(0)
            .timeout(NEVER)
            .read_timeout(NEVER);
        let (client, token_calls) = (builder().build()?, token_calls.build()?);
        Ok(Self::over(client, token_calls, Redirects::Off))
    }

    /// Takes two clients that are already built: one for requests, one for token calls.
    ///
    /// Their settings cannot be read, so the caller is responsible for them. Both must be built
    /// with `redirect(Policy::none())`. The second must have `pool_max_idle_per_host(0)`,
    /// `retry(retry::never())`, no `timeout` or `read_timeout`, and a `connect_timeout` well below
    /// the session's refresh timeout.
    ///
    /// A response from another URL than the request's is an error.
    #[must_use]
    pub fn from_clients_without_redirects(client: Client, token_calls: Client) -> Self {
        Self::over(client, token_calls, Redirects::Vouched)
    }

    fn over(client: Client, token_calls: Client, redirects: Redirects) -> Self {
        let runtime = Arc::new(TokioRuntime::new());
        Self {
            client,
            token_calls,
            redirects,
            tls: Tls::of_reqwest(),
            base: Arc::default(),
            endpoint: Arc::default(),
            runtime,
        }
    }

    /// Takes the request apart outside the future, which would otherwise reserve space for it.
    #[inline]
    pub(crate) fn execute(
        &self,
        request: reqwest::Result<Request>,
    ) -> impl Future<Output = Result<Response, SendError>> + Send + use<> {
        self.execute_over(&self.client, request)
    }

    #[inline]
    fn execute_over(
        &self,
        client: &Client,
        request: reqwest::Result<Request>,
    ) -> impl Future<Output = Result<Response, SendError>> + Send + use<> {
        let request = match (self.tls, request) {
            (Tls::Missing, Ok(request)) if request.url().scheme() == "https" => {
                return Either::Left(ready(Err(SendError::WithoutTls)));
            }
            (Tls::There | Tls::Missing, request) => request,
        };
        let url = match (self.redirects, &request) {
            (Redirects::Vouched, Ok(request)) => {
                let mut url = Box::new(request.url().clone());
                // The URL of a response has no fragment.
                url.set_fragment(None);
                Some(url)
            }
            (Redirects::Off, _) | (Redirects::Vouched, Err(_)) => None,
        };
        let sent = match request {
            Ok(request) => Either::Left(client.execute(request)),
            Err(error) => Either::Right(ready(error).map(Err)),
        };
        Either::Right(sent.map(move |sent| match (&sent, url) {
            (Ok(response), Some(url)) if *response.url() != *url => Err(SendError::Redirected),
            _ => sent.map_err(SendError::of),
        }))
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
        connection: Connection,
    ) -> impl Future<Output = Result<Response, SendError>> + Send {
        let client = match connection {
            Connection::Any => &self.client,
            Connection::Own => &self.token_calls,
        };
        let request = into_reqwest(self.endpoint.url(request.uri()), request);
        self.execute_over(client, request)
    }

    fn supports(&self, scheme: &Scheme) -> Result<(), &'static str> {
        match self.tls {
            Tls::Missing if *scheme == Scheme::HTTPS => Err(ADD_IT),
            Tls::There | Tls::Missing => Ok(()),
        }
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
            SendError::WithoutTls => Failure::Invalid,
            SendError::Redirected => Failure::Other,
        }
    }

    fn runtime(&self) -> Arc<dyn Runtime> {
        self.runtime.clone()
    }
}
