//! The base URL of requests that have only a path.

use std::error::Error;
use std::fmt;

use http::Uri;
use http::uri::{PathAndQuery, Scheme};

use super::path::is_plain;
use super::{AllowedOrigin, InvalidOrigin};

/// An absolute URL whose path is prepended to the path of each request.
#[derive(Clone)]
pub(crate) struct Base(Uri);

/// Why a path cannot be joined to the base URL. The messages do not repeat the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotBelow {
    /// It does not begin with one slash.
    NoPath,
    /// Its path is ambiguous.
    Ambiguous,
    /// The joined URL is too long.
    TooLong,
}

impl Base {
    pub(crate) fn read(text: &str) -> Result<Self, InvalidOrigin> {
        AllowedOrigin::insecure(text)?;
        // A valid entry is a valid URL.
        let base = text.parse().map_err(|_| InvalidOrigin::Malformed)?;
        Ok(Self(base))
    }

    /// The entry of all URLs below the base URL.
    pub(crate) fn entry(&self) -> Result<AllowedOrigin, InvalidOrigin> {
        AllowedOrigin::of(&self.0).ok_or(InvalidOrigin::Malformed)
    }

    pub(crate) fn scheme(&self) -> Scheme {
        self.0.scheme().cloned().unwrap_or(Scheme::HTTPS)
    }

    /// The absolute URL for a path and an optional query.
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
            Self::NoPath => {
                "with a base_url, the request's path begins with one slash, such as /books"
            }
            Self::Ambiguous => {
                "the request's path has dot segments or backslashes, perhaps percent-encoded, and \
                 could lead out of the base_url"
            }
            Self::TooLong => "the base_url and the request's path are too long for a URL",
        })
    }
}

impl Error for NotBelow {}
