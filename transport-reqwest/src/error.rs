//! Why there is no answer, and what that says about the request.

use std::error::Error;
use std::fmt;

use reauth::Failure;

use crate::tls::ADD_IT;

/// What may stand in a log: a query may hold a key, and user information is one.
pub(crate) fn cleaned(mut error: reqwest::Error) -> reqwest::Error {
    if let Some(url) = error.url_mut() {
        url.set_query(None);
        url.set_fragment(None);
        // What cannot have either has none.
        _ = url.set_username("");
        _ = url.set_password(None);
    }
    error
}

/// A connection that took too long is none, so nothing was sent.
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

/// Why reqwest brought no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum SendError {
    /// The client's own error; of its URL, what may stand in a log.
    Client(reqwest::Error),
    /// The request is for `https`, and reqwest was built without TLS. Nothing was sent.
    WithoutTls,
    /// The client followed a redirect, and took the token along.
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
            Self::Client(_) => "reqwest brought no answer",
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
