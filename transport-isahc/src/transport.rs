//! The transport: it sends one request, once.

use std::fmt;
use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_lite::AsyncReadExt;
use futures_util::future::{Either, FutureExt, TryFutureExt};
use http::uri::Scheme;
use http::{Extensions, HeaderMap, Request, Response, StatusCode, Version};
use isahc::config::Configurable;
use isahc::{AsyncBody, HttpClient, HttpClientBuilder};
use reauth::{Body, Connection as Needed, Failure, Runtime, Transport};

use crate::error::ADD_TLS;
use crate::outgoing::{Connection, Settings, outgoing, speaks_https};
use crate::{SendError, TimerRuntime};

/// An [`HttpClient`], and a second one that uses each connection once. Each has its own thread.
///
/// The second client sends token calls, and requests that libcurl might otherwise send twice. It
/// uses HTTP/1.1, because a connection of HTTP/2 is shared.
#[derive(Clone)]
pub struct IsahcTransport {
    client: HttpClient,
    single_use: HttpClient,
    settings: Arc<Settings>,
    runtime: Arc<TimerRuntime>,
}

/// Without the clients, whose default headers may hold a key.
impl fmt::Debug for IsahcTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IsahcTransport").finish_non_exhaustive()
    }
}

/// Well below the 24 seconds that a token call has by default.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How many bytes of a response are read at once.
const PIECE: usize = 8 * 1024;

impl IsahcTransport {
    /// Builds two clients with the same options: `configure` is called once for each. Only the
    /// second one reuses no connections.
    ///
    /// The builder it gets has a `connect_timeout` of 10 seconds, which `configure` may change. It
    /// tells a token server that cannot be reached from one whose response is lost. The session's
    /// deadline bounds a token call; a `timeout` or `low_speed_timeout` of these options does not.
    /// State that a builder creates is not shared: `cookies()` makes two jars. A `cookie_jar` is
    /// shared.
    ///
    /// libcurl uses the proxies that the environment sets (`http_proxy` and the like), even for
    /// loopback addresses. A proxy can read what goes over `http`, tokens included. Call
    /// `proxy(None)` on the builder to switch them off.
    ///
    /// ```
    /// use reauth_isahc::IsahcTransport;
    /// use reauth_isahc::isahc::config::Configurable;
    ///
    /// let transport = IsahcTransport::new(|client| client.proxy(None))?;
    /// # Ok::<(), reauth_isahc::isahc::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`HttpClientBuilder::build`].
    pub fn new(
        configure: impl Fn(HttpClientBuilder) -> HttpClientBuilder,
    ) -> Result<Self, isahc::Error> {
        let defaults = || HttpClient::builder().connect_timeout(CONNECT_TIMEOUT);
        let client = configure(defaults()).build()?;
        Self::from_client(client, configure)
    }

    /// Takes a client that is already built, and builds the one for token calls as
    /// [`new`](Self::new) does.
    ///
    /// Redirects and isahc's own authentication are switched off in each request. Other settings
    /// cannot be read, so the caller is responsible for them: default headers, cookies and
    /// interceptors must add no credentials and send nothing twice, and a `connect_timeout` must
    /// bound the time to connect.
    ///
    /// # Errors
    ///
    /// Those of [`HttpClientBuilder::build`].
    pub fn from_client(
        client: HttpClient,
        configure: impl Fn(HttpClientBuilder) -> HttpClientBuilder,
    ) -> Result<Self, isahc::Error> {
        let defaults = HttpClient::builder().connect_timeout(CONNECT_TIMEOUT);
        let single_use = configure(defaults).connection_cache_size(0);
        Ok(Self {
            client,
            single_use: single_use.build()?,
            settings: Arc::new(Settings::new()?),
            runtime: Arc::new(TimerRuntime::new()),
        })
    }

    /// Takes the request apart outside the future, which would otherwise reserve space for it.
    fn send_over(
        &self,
        connection: Connection,
        request: Request<Body>,
    ) -> impl Future<Output = Result<Response<AsyncBody>, SendError>> + Send {
        let client = match connection {
            Connection::Shared => &self.client,
            Connection::Own | Connection::TokenCall => &self.single_use,
        };
        match outgoing(request, connection, &self.settings) {
            Ok((request, upload)) => {
                let sent = client.send_async(request);
                Either::Left(sent.map_err(move |error| SendError::of(error, upload.progress())))
            }
            Err(error) => Either::Right(ready(error).map(Err)),
        }
    }
}

impl Transport for IsahcTransport {
    type Response = Response<AsyncBody>;
    type Error = SendError;

    fn send(
        &self,
        request: Request<Body>,
    ) -> impl Future<Output = Result<Response<AsyncBody>, SendError>> + Send {
        self.send_over(Connection::of(&request), request)
    }

    fn send_token_call(
        &self,
        request: Request<Body>,
        connection: Needed,
    ) -> impl Future<Output = Result<Response<AsyncBody>, SendError>> + Send {
        let connection = match connection {
            Needed::Any => Connection::of(&request),
            Needed::Own => Connection::TokenCall,
        };
        self.send_over(connection, request)
    }

    fn supports(&self, scheme: &Scheme) -> Result<(), &'static str> {
        match *scheme == Scheme::HTTPS && !speaks_https() {
            true => Err(ADD_TLS),
            false => Ok(()),
        }
    }

    fn status(response: &Response<AsyncBody>) -> StatusCode {
        response.status()
    }

    fn headers(response: &Response<AsyncBody>) -> &HeaderMap {
        response.headers()
    }

    fn version(response: &Response<AsyncBody>) -> Option<Version> {
        Some(response.version())
    }

    fn extensions_mut(response: &mut Response<AsyncBody>) -> &mut Extensions {
        response.extensions_mut()
    }

    async fn chunk(response: &mut Response<AsyncBody>) -> Result<Option<Bytes>, SendError> {
        let mut piece = vec![0; PIECE];
        let read = response.body_mut().read(&mut piece).await;
        // Unwraps the client's own error if it is inside.
        let read = read.map_err(|error| SendError::Client(error.into()))?;
        piece.truncate(read);
        Ok((read > 0).then(|| piece.into()))
    }

    fn failure(error: &SendError) -> Failure {
        error.failure()
    }

    fn runtime(&self) -> Arc<dyn Runtime> {
        self.runtime.clone()
    }
}
