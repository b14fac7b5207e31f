//! An entry of a session's list of origins.

use std::error::Error;
use std::fmt;

use http::Uri;
use http::uri::Scheme;

use super::path::Prefix;
use super::{Address, Origin};

/// An origin and a path: the URLs to which the token may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AllowedOrigin {
    origin: Origin,
    /// Host and port as most requests spell them: in lower case, without the default port.
    authority: String,
    below: Prefix,
}

/// Why an origin is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvalidOrigin {
    /// It is not `scheme://host`, with an optional port and path.
    Malformed,
    /// It has a wildcard.
    Wildcard,
    /// It is `http` to a host other than a loopback host.
    Insecure,
}

impl AllowedOrigin {
    /// Parses `https://host` with an optional port and path, or `http` with a loopback host.
    pub(crate) fn secure(text: &str) -> Result<Self, InvalidOrigin> {
        let entry = Self::insecure(text)?;
        if entry.is_secure() {
            Ok(entry)
        } else {
            Err(InvalidOrigin::Insecure)
        }
    }

    /// Like [`secure`](Self::secure), but allows `http` to any host.
    pub(crate) fn insecure(text: &str) -> Result<Self, InvalidOrigin> {
        // They are legal in a URI, but here they are meant as patterns.
        if text.contains(['*', '{', '}']) {
            return Err(InvalidOrigin::Wildcard);
        }
        // `Uri` drops a fragment.
        let uri = text.parse::<Uri>().ok().filter(|_| !text.contains('#'));
        uri.as_ref()
            .and_then(Self::of)
            .ok_or(InvalidOrigin::Malformed)
    }

    pub(super) fn of(uri: &Uri) -> Option<Self> {
        let origin = Origin::of(uri).filter(|_| uri.query().is_none())?;
        Some(Self {
            authority: origin.authority(),
            origin,
            below: Prefix::of(uri.path())?,
        })
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.origin.is_secure()
    }

    pub(crate) fn scheme(&self) -> Scheme {
        self.origin.scheme()
    }

    pub(crate) fn is_at(&self, origin: &Origin) -> bool {
        self.origin == *origin
    }

    /// Whether the address is in this entry and spells the origin in the same way. `false` says
    /// nothing about addresses with another spelling.
    #[inline]
    pub(crate) fn spells(&self, address: &Address<'_>) -> bool {
        self.authority == address.authority
            && self.origin.security == address.security
            && (self.below.is_all() || self.below.holds(address.path()))
    }

    /// Whether a URL with this origin and path is in this entry.
    pub(crate) fn holds(&self, origin: &Origin, path: &str) -> bool {
        self.is_at(origin) && self.below.holds(path)
    }

    /// Whether this entry contains all of the other one.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.holds(&other.origin, other.below.as_str())
    }
}

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => {
                "an origin is a scheme and a host, with an optional port and path, such as \
                 https://api.example.com"
            }
            Self::Wildcard => {
                "wildcards are not supported: add each host with its own SessionBuilder::origin"
            }
            Self::Insecure => {
                "http sends the token in clear: use https, or SessionBuilder::insecure_origin to \
                 allow it"
            }
        })
    }
}

impl Error for InvalidOrigin {}
