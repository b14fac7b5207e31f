//! The client: it sends one request, once.

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

/// An [`HttpClient`], and beside it one that uses each of its connections once; each has a thread
/// of its own.
///
/// Token calls go over the second, and what libcurl might send twice by itself; over HTTP/1.1,
/// since a connection of HTTP/2 is shared.
#[derive(Clone, Debug)]
pub struct IsahcTransport {
    client: HttpClient,
    single_use: HttpClient,
    settings: Arc<Settings>,
    runtime: Arc<TimerRuntime>,
}

/// Well below the 24 seconds that a refresh has for its call by default.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How much of an answer is read at once, in bytes.
const PIECE: usize = 8 * 1024;

impl IsahcTransport {
    /// Two clients of the same options, which `configure` is called for once each: they differ in
    /// nothing but that the second reuses no connection.
    ///
    /// It gets a builder with 10 seconds to connect, so that a token server that cannot be reached
    /// is told from one whose answer is lost; its own `connect_timeout` wins. Token calls have the
    /// session's deadline, and no `timeout` or `low_speed_timeout` of these options. What a builder
    /// makes anew each time is not shared: `cookies()` makes two jars, a `cookie_jar` is one.
    ///
    /// libcurl obeys proxy variables of the environment (`http_proxy` and its like), for this
    /// machine too: what goes over `http` is readable to the proxy, tokens included. isahc's
    /// builder has `proxy(None)`.
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

    /// A ready client for requests, and the options of the one for token calls, as in
    /// [`new`](Self::new).
    ///
    /// Redirects and isahc's own authentication are switched off in each request. What cannot be
    /// read from the client its owner vouches for: that its default headers, cookies and
    /// interceptors bring no credentials and send nothing twice, and that a `connect_timeout`
    /// bounds the time in which there is no connection.
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

    /// The request is taken apart here, and not in the future, which would keep a place for it.
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
        // It unwraps the client's own error, where that is inside.
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
