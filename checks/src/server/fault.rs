//! What goes wrong with a token call.

use std::fmt;
use std::time::Duration;

use super::accounts::Reach;

/// What the client gets in the place of an answer, or how the answer is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A page of a proxy.
    Status {
        status: u16,
        /// In seconds.
        retry_after: Option<u32>,
    },
    Reset(Cut),
    /// The answer is whole, and comes after this time.
    Late(Duration),
    /// There is no answer, and the connection stays open.
    Silent,
    /// A connection that was used before is closed when a token call arrives on it. Nothing
    /// happens to one on a connection of its own.
    DeadConnection,
    /// Nobody listens until the server heals.
    Refused,
}

/// Where the connection is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    BeforeHead,
    WithinHead,
    WithinBody,
}

/// Whether the server carried the token call out before the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Processed {
    /// A proxy answers for a server that is down.
    No,
    /// The refresh token is traded, and the answer with the new tokens is lost.
    AnswerLost,
    /// The refresh token is traded, and the answer arrives.
    AnswerLate,
}

impl Fault {
    /// Whether a token call that arrives so can meet it.
    pub(super) fn is_met(self, reach: Reach) -> bool {
        match self {
            Self::Status { .. } | Self::Reset(_) | Self::Late(_) | Self::Silent => true,
            Self::DeadConnection => reach == Reach::Kept,
            // What arrives was not refused.
            Self::Refused => false,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status {
                status,
                retry_after: None,
            } => write!(f, "{status}"),
            Self::Status {
                status,
                retry_after: Some(seconds),
            } => write!(f, "{status}, Retry-After: {seconds}"),
            Self::Reset(Cut::BeforeHead) => f.write_str("reset before the head"),
            Self::Reset(Cut::WithinHead) => f.write_str("reset within the head"),
            Self::Reset(Cut::WithinBody) => f.write_str("reset within the body"),
            Self::Late(_) => f.write_str("client timeout"),
            Self::Silent => f.write_str("refresh deadline"),
            Self::DeadConnection => f.write_str("dead idle connection"),
            Self::Refused => f.write_str("connection refused"),
        }
    }
}

impl fmt::Display for Processed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::No => "no",
            Self::AnswerLost => "answer lost",
            Self::AnswerLate => "answer late",
        })
    }
}
