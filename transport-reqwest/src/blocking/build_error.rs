//! Why a blocking session could not be built.

use std::error::Error;
use std::{fmt, io};

/// Why a blocking session could not be built.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// The options of the session are invalid; the source says which.
    Session(reauth::BuildError),
    /// The operating system refused a thread, or the sockets and timers of its runtime.
    Thread(io::Error),
    /// The session was opened inside an async task, where reading the store would block the async
    /// runtime. Nothing was done: use the async session there.
    InsideRuntime,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Session(_) => "invalid session options",
            Self::Thread(_) => "cannot start the thread of the blocking session",
            Self::InsideRuntime => {
                "a blocking call would block the async runtime: use the async session there"
            }
        })
    }
}

impl Error for BuildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Session(error) => Some(error),
            Self::Thread(error) => Some(error),
            Self::InsideRuntime => None,
        }
    }
}
