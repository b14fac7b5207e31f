//! A session in a chain of reqwest-middleware.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Extensions, HeaderMap, StatusCode, Version};
use reauth::{Body, Failure, Runtime, Timeout, Transport, WithoutCredentials, async_trait};
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Middleware, Next, Result};

use crate::base::Base;
use crate::convert::{from_reqwest, into_reqwest};
use crate::error::failure;
use crate::{ReqwestTransport, SendError, Session, TokioRuntime};

/// A middleware that sends requests through a session.
///
/// Put it last in the chain, so that middlewares that retry send through it. The transport of the
/// session is used for token calls only. The client of the chain must not follow redirects: build
/// it with `redirect(Policy::none())`.
///
/// Set [`WithoutCredentials`] and [`Timeout`] as extensions of a request (`with_extension`). An
/// error of the client stays [`Error::Reqwest`]. All others are [`Error::Middleware`], with a
/// [`reauth::Error`] or [`SendError::Redirected`] inside.
///
/// ```no_run
/// use reauth_reqwest::{ReqwestTransport, Session, SessionMiddleware, reqwest};
/// use reqwest_middleware::ClientBuilder;
/// # fn example(session: Session) -> reqwest::Result<()> {
///
/// let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
/// let client = ClientBuilder::new(client.build()?)
///     .with(SessionMiddleware::new(&session))
///     .build();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SessionMiddleware {
    session: Session,
    base: Arc<Base>,
}

impl SessionMiddleware {
    /// Creates a middleware that sends through this session.
    #[must_use]
    pub fn new(session: &Session) -> Self {
        Self {
            session: session.clone(),
            base: Arc::default(),
        }
    }
}

#[async_trait]
impl Middleware for SessionMiddleware {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let mut request = from_reqwest(request)?;
        if let Some(asked) = extensions.get::<WithoutCredentials>() {
            request.extensions_mut().insert(*asked);
        }
        if let Some(asked) = extensions.get::<Timeout>() {
            request.extensions_mut().insert(*asked);
        }
        // A copy: if this future is dropped, a retry still finds its extensions unchanged.
        let shared = Mutex::new(extensions.clone());
        let below = Below {
            next,
            base: &self.base,
            extensions: &shared,
        };
        let answer = self.session.over(below).execute(request).await;
        *extensions = std::mem::take(&mut *lock(&shared));
        // A middleware that retries looks at the client's own error.
        answer.map_err(|error| error.downcast_source().unwrap_or_else(Error::middleware))
    }
}

/// The rest of the chain, as the transport of the session.
struct Below<'a> {
    next: Next<'a>,
    base: &'a Base,
    /// The extensions of the chain; one attempt uses them at a time.
    extensions: &'a Mutex<Extensions>,
}

impl Transport for Below<'_> {
    type Response = Response;
    type Error = Error;

    async fn send(&self, request: http::Request<Body>) -> Result<Response> {
        let request = into_reqwest(self.base.url(request.uri()), request)?;
        let url = request.url().clone();
        let mut extensions = lock(self.extensions).clone();
        let answer = self.next.clone().run(request, &mut extensions).await;
        *lock(self.extensions) = extensions;
        answer.and_then(|answer| {
            let same = *answer.url() == url;
            same.then_some(answer)
                .ok_or_else(|| Error::middleware(SendError::Redirected))
        })
    }

    fn status(response: &Response) -> StatusCode {
        ReqwestTransport::status(response)
    }

    fn headers(response: &Response) -> &HeaderMap {
        ReqwestTransport::headers(response)
    }

    fn version(response: &Response) -> Option<Version> {
        ReqwestTransport::version(response)
    }

    fn extensions_mut(response: &mut Response) -> &mut Extensions {
        ReqwestTransport::extensions_mut(response)
    }

    async fn chunk(response: &mut Response) -> Result<Option<Bytes>> {
        Ok(response.chunk().await?)
    }

    fn failure(error: &Error) -> Failure {
        match error {
            Error::Reqwest(error) => failure(error),
            Error::Middleware(_) => Failure::Other,
        }
    }

    fn runtime(&self) -> Arc<dyn Runtime> {
        Arc::new(TokioRuntime::new())
    }
}

fn lock(extensions: &Mutex<Extensions>) -> MutexGuard<'_, Extensions> {
    extensions.lock().unwrap_or_else(PoisonError::into_inner)
}
