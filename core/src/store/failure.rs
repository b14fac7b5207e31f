//! A shared error of a store.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use super::StoreError;

/// An error of a store, shared by all requests that waited for the call. It displays that error.
#[derive(Clone, Debug)]
pub struct StoreFailure(Arc<dyn Error + Send + Sync>);

impl StoreFailure {
    pub(crate) fn new(error: impl Into<StoreError>) -> Self {
        Self(error.into().into())
    }
}

impl fmt::Display for StoreFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for StoreFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
