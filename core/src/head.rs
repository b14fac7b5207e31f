//! The head of a request, in the client's own type.

use std::fmt;
use std::future::Future;

use http::{Extensions, HeaderMap, Method, Request, Uri, Version};

use crate::{Body, Transport};

/// The head of a request, for adapters whose client has its own type for requests
/// ([`Session::execute_native`](crate::Session::execute_native)).
///
/// The session signs this head and sends it as it is. For a replay or the next hop of a redirect it
/// builds an `http::Request` from what it read, and calls [`Transport::send`].
///
/// `http::Request<()>` implements this trait for every transport.
pub trait RequestHead<T: Transport>: Send {
    /// The method.
    fn method(&self) -> &Method;

    /// The URL.
    fn target(&self) -> Target<'_>;

    /// The HTTP version.
    fn version(&self) -> Version;

    /// The headers.
    fn headers(&self) -> &HeaderMap;

    /// The headers, for the session to add the token.
    fn headers_mut(&mut self) -> &mut HeaderMap;

    /// The extensions, in which the session looks for options of this request. A replay has the
    /// same.
    fn extensions(&self) -> &Extensions;

    /// Sends the request with this body, once, as [`Transport::send`] does.
    ///
    /// # Cancel safety
    ///
    /// The same as [`Transport::send`].
    fn send(
        self,
        body: Body,
        transport: &T,
    ) -> impl Future<Output = Result<T::Response, T::Error>> + Send;
}

/// The URL of a request.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Target<'a> {
    /// An `http::Uri`.
    Uri(&'a Uri),
    /// The text of an absolute URL.
    Text(&'a str),
}

impl Target<'_> {
    /// The URI; `/` if the text is not a URI.
    pub(crate) fn to_uri(self) -> Uri {
        match self {
            Self::Uri(uri) => uri.clone(),
            Self::Text(text) => text.parse().unwrap_or_default(),
        }
    }
}

impl<T: Transport> RequestHead<T> for Request<()> {
    fn method(&self) -> &Method {
        self.method()
    }

    fn target(&self) -> Target<'_> {
        Target::Uri(self.uri())
    }

    fn version(&self) -> Version {
        self.version()
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }

    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }

    fn extensions(&self) -> &Extensions {
        self.extensions()
    }

    fn send(
        self,
        body: Body,
        transport: &T,
    ) -> impl Future<Output = Result<T::Response, T::Error>> + Send {
        transport.send(self.map(|()| body))
    }
}

/// Hides the URL: user information and the query may be secrets.
impl fmt::Debug for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Target(..)")
    }
}
