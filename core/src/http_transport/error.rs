//! The error of an [`HttpTransport`](super::HttpTransport), and its class.

use std::error::Error;
use std::fmt;
use std::io;

use crate::{BodyError, Failure};

/// A client failed to send a request or to read the response. The source is the client's own error.
#[derive(Debug)]
pub struct CallError {
    pub(super) failure: Failure,
    pub(super) source: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the client failed to send the request or to read the response")
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

impl Failure {
    /// Classifies an error of a client by its chain of sources:
    ///
    /// - [`Connect`](Self::Connect) if one is an `io::Error` for a refused connection;
    /// - [`Timeout`](Self::Timeout) if one is an `io::Error` for a timeout;
    /// - [`NotProcessed`](Self::NotProcessed) if one is an `h2::Error` that proves it (feature
    ///   `http2`);
    /// - otherwise [`Other`](Self::Other).
    #[must_use]
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        by_its_causes(error)
    }
}

/// RFC 9113 section 8.7. With h2, a GOAWAY from the peer ends only streams beyond the last one that
/// it processed; other streams end with the error of the connection.
#[cfg(feature = "http2")]
fn is_not_processed(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref().is_some_and(|error: &h2::Error| {
        let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        error.is_remote() && (error.is_go_away() || refused)
    })
}

#[cfg(not(feature = "http2"))]
fn is_not_processed(_error: &(dyn Error + 'static)) -> bool {
    false
}

fn by_its_causes(error: &(dyn Error + 'static)) -> Failure {
    let mut cause = Some(error);
    while let Some(error) = cause {
        // The sources of this error are not the client's: it had sent a part of the request.
        if error.is::<BodyError>() {
            break;
        }
        if is_not_processed(error) {
            return Failure::NotProcessed;
        }
        let io = error.downcast_ref::<io::Error>();
        match io.map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => return Failure::Connect,
            Some(io::ErrorKind::TimedOut) => return Failure::Timeout,
            Some(_) | None => {}
        }
        // `source` of an `io::Error` skips the error that it wraps.
        let wrapped = io.and_then(io::Error::get_ref);
        cause = wrapped.map_or_else(|| error.source(), |wrapped| Some(wrapped));
    }
    Failure::Other
}
