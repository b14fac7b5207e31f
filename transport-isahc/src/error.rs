//! Why there is no answer.

use std::error::Error;
use std::fmt;

use http::HeaderName;
use isahc::error::ErrorKind;
use reauth::Failure;

/// Why isahc brought no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum SendError {
    /// The client's own error.
    Client(isahc::Error),
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
    pub(crate) fn failure(&self) -> Failure {
        let error = match self {
            Self::Header(_) => return Failure::Invalid,
            Self::Client(error) => error,
        };
        if error.kind() == ErrorKind::InvalidRequest {
            Failure::Invalid
        } else if NOT_CONNECTED.contains(error.kind()) {
            Failure::Connect
        } else if error.kind() != ErrorKind::Timeout {
            Failure::Other
        } else if error.remote_addr().is_none() {
            // isahc has one kind for both timeouts; without a peer it was the connection's.
            Failure::Connect
        } else {
            Failure::Timeout
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(_) => f.write_str("isahc brought no answer"),
            Self::Header(name) => write!(f, "the value of the header {name} is not ASCII"),
        }
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Client(error) => Some(error),
            Self::Header(_) => None,
        }
    }
}
