//! An entry of the allow-list, as a session's owner writes it.

use std::error::Error;
use std::fmt;

use http::Uri;
use http::uri::Scheme;

use super::path::Prefix;
use super::{Address, Origin};

/// An origin, and what is below a path of it: below `/`, all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    origin: Origin,
    /// As clients write its host and port: lower case, and no port that is the default one.
    authority: String,
    below: Prefix,
}

/// Why a text is no origin that a session takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvalidOrigin {
    /// It is not `scheme://host`, with a port and a path or without.
    Malformed,
    /// It has a wildcard.
    Wildcard,
    /// It is `http`, and not on this machine.
    Insecure,
}

impl Place {
    /// Reads `https://host`, or with a port and a path; `http` is for this machine alone.
    pub(crate) fn secure(text: &str) -> Result<Self, InvalidOrigin> {
        let place = Self::insecure(text)?;
        if place.is_secure() {
            Ok(place)
        } else {
            Err(InvalidOrigin::Insecure)
        }
    }

    /// As [`secure`](Self::secure), with `http` to anywhere.
    pub(crate) fn insecure(text: &str) -> Result<Self, InvalidOrigin> {
        // A host may have any of these, and a path, where they are written by somebody else.
        if text.contains(['*', '{', '}']) {
            return Err(InvalidOrigin::Wildcard);
        }
        // A fragment is lost where a URI is read.
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

    /// Whether a target is in it whose origin is spelled as this one is, which is the same one
    /// then. Of another spelling nothing is said.
    #[inline]
    pub(crate) fn spells(&self, address: &Address<'_>) -> bool {
        self.authority == address.authority
            && self.origin.security == address.security
            && (self.below.is_all() || self.below.holds(address.path()))
    }

    /// Whether a target of this origin and with this path is in it.
    pub(crate) fn holds(&self, origin: &Origin, path: &str) -> bool {
        self.is_at(origin) && self.below.holds(path)
    }

    /// Whether all of that place is in it.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.holds(&other.origin, other.below.as_str())
    }
}

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => {
                "an origin is a scheme, a host, and maybe a port and a path, \
                 without user information and query"
            }
            Self::Wildcard => "an origin has no wildcard: name each host to which the token may go",
            Self::Insecure => {
                "tokens go over https, or http on this machine; \
                 insecure_origin allows this origin all the same"
            }
        })
    }
}

impl Error for InvalidOrigin {}
