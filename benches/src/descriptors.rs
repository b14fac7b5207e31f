//! File descriptors for the connections of the figures.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::BoxError;

/// Raises the limit of open files of this process to its maximum.
pub(crate) fn raise_limit() -> Result<(), BoxError> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let current = maximum;
    Ok(setrlimit(Resource::Nofile, Rlimit { current, maximum })?)
}
