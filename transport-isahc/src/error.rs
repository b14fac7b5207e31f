//! Why a request got no response.

use std::error::Error;
use std::fmt;

use http::HeaderName;
use isahc::error::ErrorKind;
use reauth::Failure;

use crate::upload::Progress;

/// Why isahc returned no response.
#[derive(Debug)]
#[non_exhaustive]
pub enum SendError {
    /// The client's own error.
    Client(isahc::Error),
    /// The client's own error: it timed out before it read any of the request's body.
    Unsent(isahc::Error),
    /// The client's own error: libcurl wanted to resend the request, and could not, because its
    /// body can be read only once (`CURLE_SEND_FAIL_REWIND`).
    ///
    /// Over HTTP/2, this happens to a request with a body that meets a GOAWAY or a refused stream;
    /// it was not processed. It also happens if a reused connection dies after the server has read
    /// the request. The error does not distinguish the two, so its class is
    /// [`Other`](Failure::Other). See [the crate](crate#http2) for how to avoid it.
    BodyNotResent(isahc::Error),
    /// The request is for `https`, and libcurl was built without TLS. Nothing was sent.
    WithoutTls,
    /// The header of this name has a value that is not ASCII, which isahc cannot send. Nothing was
    /// sent.
    Header(HeaderName),
}

/// The error message for `https` without TLS.
pub(crate) const ADD_TLS: &str = "https needs TLS, and libcurl was built without it: add the \
                                  feature `rustls-tls` of reauth-isahc";

/// The errors that occur before a connection is ready, TLS included.
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
        if wanted_to_rewind(&error) {
            return Self::BodyNotResent(error);
        }
        match upload {
            // isahc has one kind for all timeouts; the progress of the upload tells them apart.
            Progress::NotBegun if error.is_timeout() => Self::Unsent(error),
            Progress::NotBegun | Progress::Unknown => Self::Client(error),
        }
    }

    pub(crate) fn failure(&self) -> Failure {
        let error = match self {
            Self::Header(_) | Self::WithoutTls => return Failure::Invalid,
            Self::Unsent(_) => return Failure::Connect,
            Self::BodyNotResent(_) => return Failure::Other,
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

/// Looks at the source, because isahc has one kind for this and other connection errors.
fn wanted_to_rewind(error: &isahc::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    cause.is_some_and(curl::Error::is_send_fail_rewind)
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(_) => f.write_str("isahc received no response"),
            Self::Unsent(_) => f.write_str("isahc timed out before it sent the request"),
            Self::BodyNotResent(_) => f.write_str(
                "the connection ended, and libcurl cannot send the request's body again; it may \
                 have been processed. Send it again if that is safe. Over HTTP/2 a GOAWAY is the \
                 usual cause, and uploads with version_negotiation(http11()) avoid it",
            ),
            Self::WithoutTls => f.write_str(ADD_TLS),
            Self::Header(name) => write!(
                f,
                "the value of the header {name} is not ASCII, which isahc cannot send"
            ),
        }
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Client(error) | Self::Unsent(error) | Self::BodyNotResent(error) => Some(error),
            Self::Header(_) | Self::WithoutTls => None,
        }
    }
}
