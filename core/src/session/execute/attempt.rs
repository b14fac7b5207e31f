//! An attempt, as an application may complete it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Extensions, HeaderMap, Method, Uri};

use crate::Generation;

/// One time that a request goes on the wire, for
/// [`SessionBuilder::before_attempt`](crate::SessionBuilder::before_attempt).
///
/// All but its headers is what the request has, each time.
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

    /// The target: where a redirect was followed, what that led to.
    #[must_use]
    pub const fn uri(&self) -> &Uri {
        self.uri
    }

    /// The headers, the session's token among them.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        self.headers
    }

    /// The headers, to add to them. The one that carries the token (`Authorization`, as a rule)
    /// stays the session's, whatever is put there.
    pub const fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers
    }

    /// The extensions of the request: a note for this hook, or a place where the application
    /// counts its attempts.
    #[must_use]
    pub const fn extensions(&self) -> &Extensions {
        self.extensions
    }

    /// The body, where it is made of bytes.
    #[must_use]
    pub const fn body(&self) -> Option<&Bytes> {
        self.body
    }

    /// 1 for the first attempt, 2 for the replay; anew where a redirect was followed.
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
    /// Of its headers the names; neither its body nor its target, whose query may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.keys().collect();
        f.debug_struct("Attempt")
            .field("number", &self.number)
            .field("method", self.method)
            .field("headers", &names)
            .finish_non_exhaustive()
    }
}

/// What is called before each attempt.
pub(in crate::session) type Hook = Arc<dyn Fn(&mut Attempt<'_>) + Send + Sync>;

/// A hook, which has nothing to show.
#[derive(Clone, Default)]
pub(in crate::session) struct BeforeAttempt(pub(in crate::session) Option<Hook>);

impl fmt::Debug for BeforeAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Some(..)" } else { "None" })
    }
}
