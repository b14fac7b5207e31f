//! Why a request got no response, and whether it may have been processed.

use std::error::Error;
use std::fmt;

use reauth::Failure;

use crate::tls::ADD_IT;

/// Removes what must not appear in a log: the query, which may hold a key, and user information.
pub(crate) fn cleaned(mut error: reqwest::Error) -> reqwest::Error {
    if let Some(url) = error.url_mut() {
        url.set_query(None);
        url.set_fragment(None);
        // These fail only for URLs that cannot have user information.
        _ = url.set_username("");
        _ = url.set_password(None);
    }
    error
}

/// A timeout while connecting counts as `Connect`: nothing was sent.
pub(crate) fn failure(error: &reqwest::Error) -> Failure {
    if error.is_builder() {
        Failure::Invalid
    } else if error.is_connect() {
        Failure::Connect
    } else if error.is_timeout() {
        Failure::Timeout
    } else if Failure::of(error) == Failure::NotProcessed {
        Failure::NotProcessed
    } else {
        Failure::Other
    }
}

/// Why reqwest returned no response.
#[derive(Debug)]
#[non_exhaustive]
pub enum SendError {
    /// The client's own error; its URL has no query and no user information.
    Client(reqwest::Error),
    /// The request is for `https`, and reqwest was built without TLS. Nothing was sent.
    WithoutTls,
    /// The client followed a redirect, and may have sent the token along.
    Redirected,
}

impl SendError {
    pub(crate) fn of(error: reqwest::Error) -> Self {
        Self::Client(cleaned(error))
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client(_) => "reqwest received no response",
            Self::WithoutTls => ADD_IT,
            Self::Redirected => {
                "the client follows redirects by itself: build it with redirect(Policy::none())"
            }
        })
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Client(error) => Some(error),
            Self::WithoutTls | Self::Redirected => None,
        }
    }
}
