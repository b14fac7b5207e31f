//! Enough file descriptors for both ends of every connection.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit of open files of this process to its hard limit.
pub(crate) fn raise_limit() -> Result<(), String> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let limit = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, limit).map_err(|error| format!("the limit of open files: {error}"))
}
