//! The error of a request body.

use std::error::Error;
use std::fmt;

/// The stream of a request body failed. The source is the stream's own error.
#[derive(Debug)]
pub struct BodyError(pub(super) Box<dyn Error + Send + Sync>);

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stream of the request body failed")
    }
}

impl Error for BodyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
