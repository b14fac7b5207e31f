//! An origin as a session's owner writes it.

use std::error::Error;
use std::fmt;

use http::Uri;

use super::Origin;

/// Why a text is no origin that a session takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InvalidOrigin {
    /// It is not `scheme://host` or `scheme://host:port`.
    Malformed,
    /// It is `http`, and not on this machine.
    Insecure,
}

impl Origin {
    /// Reads `https://host`, or with a port; `http` is for this machine alone.
    pub(crate) fn secure(text: &str) -> Result<Self, InvalidOrigin> {
        let origin = Self::insecure(text)?;
        if origin.is_secure() {
            Ok(origin)
        } else {
            Err(InvalidOrigin::Insecure)
        }
    }

    /// As [`secure`](Self::secure), with `http` to anywhere.
    pub(crate) fn insecure(text: &str) -> Result<Self, InvalidOrigin> {
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin::Malformed)?;
        let bare = matches!(
            uri.path_and_query().map(|path| path.as_str()),
            None | Some("/")
        );
        Self::of(&uri)
            .filter(|_| bare)
            .ok_or(InvalidOrigin::Malformed)
    }
}

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "an origin is a scheme, a host and maybe a port, without a path",
            Self::Insecure => {
                "tokens go over https, or http on this machine; \
                 insecure_origin allows this origin all the same"
            }
        })
    }
}

impl Error for InvalidOrigin {}
