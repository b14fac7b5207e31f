//! An attempt, as the application's hook sees it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Extensions, HeaderMap, Method, Uri};

use crate::Generation;

/// An attempt to send a request, for
/// [`SessionBuilder::before_attempt`](crate::SessionBuilder::before_attempt).
///
/// Only its headers can be changed.
pub struct Attempt<'a> {
    pub(in crate::session) method: &'a Method,
    pub(in crate::session) uri: &'a Uri,
    pub(in crate::session) headers: &'a mut HeaderMap,
    pub(in crate::session) extensions: &'a Extensions,
    pub(in crate::session) body: Option<&'a Bytes>,
    pub(in crate::session) number: u32,
    pub(in crate::session) generation: Generation,
}

impl Attempt<'_> {
    /// The method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        self.method
    }

    /// The URI; after a redirect, the URI that it led to.
    #[must_use]
    pub const fn uri(&self) -> &Uri {
        self.uri
    }

    /// The headers, including the session's token.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        self.headers
    }

    /// The headers, to add to them. Changes to the header that carries the token (usually
    /// `Authorization`) are overwritten.
    pub const fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers
    }

    /// The extensions of the request, by which a caller can pass something to the hook.
    #[must_use]
    pub const fn extensions(&self) -> &Extensions {
        self.extensions
    }

    /// The body, if it consists of bytes.
    #[must_use]
    pub const fn body(&self) -> Option<&Bytes> {
        self.body
    }

    /// 1 for the first attempt, 2 for the replay. Each hop of a redirected request starts at 1.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// The generation of the token that it carries.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.generation
    }
}

impl fmt::Debug for Attempt<'_> {
    /// Only the names of its headers; no body and no URI, whose query may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.keys().collect();
        f.debug_struct("Attempt")
            .field("number", &self.number)
            .field("method", self.method)
            .field("headers", &names)
            .finish_non_exhaustive()
    }
}

/// The application's hook.
pub(in crate::session) type Hook = Arc<dyn Fn(&mut Attempt<'_>) + Send + Sync>;

/// The hook, if there is one.
#[derive(Clone, Default)]
pub(in crate::session) struct BeforeAttempt(pub(in crate::session) Option<Hook>);

impl fmt::Debug for BeforeAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Some(..)" } else { "None" })
    }
}
