//! A request of reqwest's own, sent as it is.

use std::future::Future;
use std::time::Duration;

use http::{Extensions, HeaderMap, Method, Version};
use reauth::{Body, RequestHead, Target};
use reqwest::{Request, Response};

use crate::convert::{unwrapped, wrapped};
use crate::{ReqwestTransport, SendError};

/// The request without its body.
pub(crate) struct Native {
    request: Request,
    /// Carried over to a replay, which is a request of `http`.
    extensions: Extensions,
}

/// The timeout of a reqwest request, which applies to each attempt.
#[derive(Clone, Copy)]
pub(crate) struct AttemptTimeout(pub(crate) Duration);

impl Native {
    /// Splits a request into its head and its body.
    #[inline]
    pub(crate) fn new(mut request: Request) -> (Self, Body) {
        let body = request.body_mut().take();
        let body = body.map_or_else(Body::empty, unwrapped);
        let mut extensions = Extensions::new();
        if let Some(timeout) = request.timeout() {
            extensions.insert(AttemptTimeout(*timeout));
        }
        let head = Self {
            request,
            extensions,
        };
        (head, body)
    }
}

impl RequestHead<ReqwestTransport> for Native {
    fn method(&self) -> &Method {
        self.request.method()
    }

    fn target(&self) -> Target<'_> {
        Target::Text(self.request.url().as_str())
    }

    fn version(&self) -> Version {
        self.request.version()
    }

    fn headers(&self) -> &HeaderMap {
        self.request.headers()
    }

    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.request.headers_mut()
    }

    fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    fn send(
        mut self,
        body: Body,
        transport: &ReqwestTransport,
    ) -> impl Future<Output = Result<Response, SendError>> + Send {
        *self.request.body_mut() = Some(wrapped(body));
        transport.execute(Ok(self.request))
    }
}
