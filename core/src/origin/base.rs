//! What a request without an origin of its own is sent below.

use std::error::Error;
use std::fmt;

use http::Uri;
use http::uri::{PathAndQuery, Scheme};

use super::path::is_plain;
use super::{InvalidOrigin, Place};

/// An absolute URL, whose path stands before that of each request.
#[derive(Clone)]
pub(crate) struct Base(Uri);

/// Why a target is not below a base. It does not say what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotBelow {
    /// It does not begin with one slash.
    NoPath,
    /// Its path can be read in more than one way.
    Ambiguous,
    /// Both together are too long for a URL.
    TooLong,
}

impl Base {
    pub(crate) fn read(text: &str) -> Result<Self, InvalidOrigin> {
        Place::insecure(text)?;
        // What is a place, is a URL.
        let base = text.parse().map_err(|_| InvalidOrigin::Malformed)?;
        Ok(Self(base))
    }

    /// Where it leads.
    pub(crate) fn place(&self) -> Result<Place, InvalidOrigin> {
        Place::of(&self.0).ok_or(InvalidOrigin::Malformed)
    }

    pub(crate) fn scheme(&self) -> Scheme {
        self.0.scheme().cloned().unwrap_or(Scheme::HTTPS)
    }

    /// The URL of a target that is a path and maybe a query.
    pub(crate) fn join(&self, target: &Uri) -> Result<Uri, NotBelow> {
        let path = target.path();
        if target.authority().is_some() || !path.starts_with('/') || path.starts_with("//") {
            return Err(NotBelow::NoPath);
        }
        if !is_plain(path) {
            return Err(NotBelow::Ambiguous);
        }
        let before = self.0.path().trim_end_matches('/');
        let after = target.path_and_query().map_or("/", PathAndQuery::as_str);
        let joined = [before, after].concat().parse();
        let mut parts = self.0.clone().into_parts();
        parts.path_and_query = Some(joined.map_err(|_| NotBelow::TooLong)?);
        Uri::from_parts(parts).map_err(|_| NotBelow::TooLong)
    }
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for NotBelow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPath => "a request below a base URL begins with one slash, such as /books",
            Self::Ambiguous => {
                "the request's path has dot segments, a backslash, or such in disguise: \
                 it could lead out of the base URL"
            }
            Self::TooLong => "the base URL and the request's path are no URL together",
        })
    }
}

impl Error for NotBelow {}
