//! The head of a request, in the type in which a client takes it.

use std::fmt;
use std::future::Future;

use http::{Extensions, HeaderMap, Method, Request, Uri, Version};

use crate::{Body, Transport};

/// The head of a request, as the users of a client build it: for an adapter whose client has a
/// type of its own for requests, and [`Session::execute_native`](crate::Session::execute_native).
///
/// A session reads it, signs it, and sends it as it is. What is sent after that, a replay or the
/// hop behind a redirect, it makes of what it read: a request of `http`, for
/// [`Transport::send`].
///
/// `http::Request<()>` is one for every transport.
pub trait RequestHead<T: Transport>: Send {
    /// The method.
    fn method(&self) -> &Method;

    /// Where it goes.
    fn target(&self) -> Target<'_>;

    /// The version of HTTP.
    fn version(&self) -> Version;

    /// The headers.
    fn headers(&self) -> &HeaderMap;

    /// The headers, to sign them.
    fn headers_mut(&mut self) -> &mut HeaderMap;

    /// The extensions in which the session finds what its caller asks for, and which are those of
    /// a replay.
    fn extensions(&self) -> &Extensions;

    /// Sends it with this body, once, as [`Transport::send`] does.
    ///
    /// # Cancel safety
    ///
    /// That of [`Transport::send`].
    fn send(
        self,
        body: Body,
        transport: &T,
    ) -> impl Future<Output = Result<T::Response, T::Error>> + Send;
}

/// Where a request goes.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Target<'a> {
    /// A URI of `http`.
    Uri(&'a Uri),
    /// The text of an absolute URL.
    Text(&'a str),
}

impl Target<'_> {
    /// `/` where it is none.
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

/// Not what it is: user information and the query may be secrets.
impl fmt::Debug for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Target(..)")
    }
}
