//! Why a body could not be sent.

use std::error::Error;
use std::fmt;

/// A stream that makes a request's body failed.
#[derive(Debug)]
pub struct BodyError(pub(super) Box<dyn Error + Send + Sync>);

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request's body could not be read")
    }
}

impl Error for BodyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
