//! Where a request has been.

use std::error::Error;
use std::fmt;

use http::Uri;

/// How much of a path is shown, in characters.
pub(in crate::session) const LONGEST_PATH: usize = 200;

/// Where a request was redirected to that had too many redirects, for
/// [`ErrorKind::TooManyRedirects`](crate::ErrorKind::TooManyRedirects).
///
/// Each is an origin and a path, cut after 200 characters, without the query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedirectChain(Vec<String>);

impl RedirectChain {
    pub(super) fn push(&mut self, hop: &Uri) {
        self.0.push(shown(hop));
    }

    pub(in crate::session) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The hops, from the request's own target to the one that was not followed.
    pub fn hops(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

pub(super) fn shown(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    // Somebody's own, since a redirect has none.
    let host = authority.rsplit('@').next().unwrap_or_default();
    let path: String = uri.path().chars().take(LONGEST_PATH).collect();
    format!("{scheme}://{host}{path}")
}

impl fmt::Display for RedirectChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", then "))
    }
}

impl Error for RedirectChain {}
