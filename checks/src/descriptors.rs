//! Room for both ends of every connection.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Lets this process open as many files as it is ever allowed to.
pub(crate) fn raise_limit() -> Result<(), String> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let limit = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, limit).map_err(|error| format!("the limit of open files: {error}"))
}
