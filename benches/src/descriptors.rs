//! Room for the connections of the figures.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::BoxError;

/// Lets this process open as many files as it is ever allowed to.
pub(crate) fn raise_limit() -> Result<(), BoxError> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let current = maximum;
    Ok(setrlimit(Resource::Nofile, Rlimit { current, maximum })?)
}
