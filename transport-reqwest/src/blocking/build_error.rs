//! Why there is no blocking session.

use std::error::Error;
use std::{fmt, io};

/// Why there is no blocking session.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// There is no async session either.
    Session(reauth::BuildError),
    /// The system has no thread for it, or no sockets and timers for that thread.
    Thread(io::Error),
    /// Reading the store would block inside an async task. Nothing was done.
    InsideRuntime,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Session(_) => "the options make no session",
            Self::Thread(_) => "a blocking session needs a thread of its own",
            Self::InsideRuntime => {
                "a blocking call would stop the async runtime: use the async session there"
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
