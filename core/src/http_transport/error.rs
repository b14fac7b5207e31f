//! Why there is no answer, and what that says about the request.

use std::error::Error;
use std::fmt;
use std::io;

use crate::{BodyError, Failure};

/// Why a client brought no answer, or broke off within one. Its source is the client's own error.
#[derive(Debug)]
pub struct CallError {
    pub(super) failure: Failure,
    pub(super) source: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the client brought no whole answer")
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

impl Failure {
    /// The class of an error of a client, by its causes: [`Connect`](Self::Connect) where one is a
    /// refused connection, [`Timeout`](Self::Timeout) where one is a time-out,
    /// [`NotProcessed`](Self::NotProcessed) where one is HTTP/2's proof of it (of the crate `h2`,
    /// behind the feature `http2`), else [`Other`](Self::Other).
    #[must_use]
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        by_its_causes(error)
    }
}

/// RFC 9113 section 8.7. h2 ends with a GOAWAY of the peer only what lies beyond its last stream,
/// or was not sent when it came; all others end as their connection does.
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
        // What made the body had no connection, and not the client, which has sent a part.
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
        // Its own `source` leaves out what it wraps.
        let wrapped = io.and_then(io::Error::get_ref);
        cause = wrapped.map_or_else(|| error.source(), |wrapped| Some(wrapped));
    }
    Failure::Other
}
