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

/// Only a refused connection proves that nothing was sent.
pub(super) fn by_its_causes(error: &(dyn Error + 'static)) -> Failure {
    let mut cause = Some(error);
    while let Some(error) = cause {
        // What made the body had no connection, and not the client, which has sent a part.
        if error.is::<BodyError>() {
            break;
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
