//! Why there is no answer.

use std::error::Error;
use std::fmt;

use http::HeaderName;
use isahc::error::ErrorKind;
use reauth::Failure;

use crate::upload::Progress;

/// Why isahc brought no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum SendError {
    /// The client's own error.
    Client(isahc::Error),
    /// The client's own error: time ran out before it asked for any of the request's body.
    Unsent(isahc::Error),
    /// The request has a header of this name with a value that is not ASCII, which isahc cannot
    /// send.
    Header(HeaderName),
}

/// The kinds that come before a connection is ready, TLS included.
const NOT_CONNECTED: [ErrorKind; 7] = [
    ErrorKind::ConnectionFailed,
    ErrorKind::NameResolution,
    ErrorKind::BadServerCertificate,
    ErrorKind::BadClientCertificate,
    ErrorKind::InvalidTlsConfiguration,
    ErrorKind::TlsEngine,
    ErrorKind::ClientInitialization,
];

impl SendError {
    pub(crate) fn of(error: isahc::Error, upload: Progress) -> Self {
        match upload {
            // isahc has one kind for all timeouts, and this is what tells them apart.
            Progress::NotBegun if error.is_timeout() => Self::Unsent(error),
            Progress::NotBegun | Progress::Unknown => Self::Client(error),
        }
    }

    pub(crate) fn failure(&self) -> Failure {
        let error = match self {
            Self::Header(_) => return Failure::Invalid,
            Self::Unsent(_) => return Failure::Connect,
            Self::Client(error) => error,
        };
        if error.kind() == ErrorKind::InvalidRequest {
            Failure::Invalid
        } else if NOT_CONNECTED.contains(error.kind()) {
            Failure::Connect
        } else if error.is_timeout() {
            Failure::Timeout
        } else {
            Failure::Other
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(_) => f.write_str("isahc brought no answer"),
            Self::Unsent(_) => f.write_str("isahc had no connection in time"),
            Self::Header(name) => write!(f, "the value of the header {name} is not ASCII"),
        }
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Client(error) | Self::Unsent(error) => Some(error),
            Self::Header(_) => None,
        }
    }
}
