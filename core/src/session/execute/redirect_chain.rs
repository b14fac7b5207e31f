//! Where a request was redirected to.

use std::error::Error;
use std::fmt;

use http::Uri;

use crate::origin::shown;

/// The URI that a response comes from: an extension of the response to a request that was
/// redirected.
#[derive(Clone, PartialEq, Eq)]
pub struct FinalUri(pub Uri);

/// Without the query, which may hold a secret.
impl fmt::Debug for FinalUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = shown(&self.0);
        f.debug_tuple("FinalUri").field(&shown).finish()
    }
}

/// The hops of a request that was redirected too often: the source of an
/// [`ErrorKind::TooManyRedirects`](crate::ErrorKind::TooManyRedirects).
///
/// Each hop is an origin and a path, cut after 200 characters, without the query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedirectChain(Vec<String>);

impl RedirectChain {
    pub(super) fn push(&mut self, hop: &Uri) {
        self.0.push(shown(hop));
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The hops, from the request's own target to the one that was not followed.
    pub fn hops(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for RedirectChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", then "))
    }
}

impl Error for RedirectChain {}
