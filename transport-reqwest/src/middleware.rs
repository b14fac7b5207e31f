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
/// It belongs innermost, after all others, so that what retries sends through it. The transport
/// with which the session was built serves for its token calls alone. The client of the chain must
/// follow no redirects: its builder had `redirect(Policy::none())`.
///
/// [`WithoutCredentials`] and [`Timeout`] may stand in the extensions of a request
/// (`with_extension`). An error of the client stays [`Error::Reqwest`]; all others are in
/// [`Error::Middleware`]: a [`reauth::Error`], or [`SendError::Redirected`].
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
    /// A middleware of this session.
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
        // A copy: whoever gives this up, and sends again, finds its own as they were.
        let shared = Mutex::new(extensions.clone());
        let below = Below {
            next,
            base: &self.base,
            extensions: &shared,
        };
        let answer = self.session.over(below).execute(request).await;
        *extensions = std::mem::take(&mut *lock(&shared));
        // The client's own error is what a middleware that retries looks at.
        answer.map_err(|error| error.downcast_source().unwrap_or_else(Error::middleware))
    }
}

/// What is left of a chain.
struct Below<'a> {
    next: Next<'a>,
    base: &'a Base,
    /// Those of the chain; one attempt has them at a time.
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
