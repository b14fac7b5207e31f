//! Faults of a token call.

use std::fmt;
use std::time::Duration;

use super::accounts::Reach;

/// What the client gets instead of a response, or in what way the response is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The error page of a proxy.
    Status {
        status: u16,
        /// In seconds.
        retry_after: Option<u32>,
    },
    Reset(Cut),
    /// The response is complete, but arrives after this time.
    Late(Duration),
    /// There is no response, and the connection stays open.
    Silent,
    /// The server closes a connection that was used before when a token call arrives on it. A call
    /// on a new connection meets no fault.
    DeadConnection,
    /// The port refuses connections until the server recovers.
    Refused,
}

/// Where the connection is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    BeforeHead,
    WithinHead,
    WithinBody,
}

/// Whether the server processed the token call before the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Processed {
    /// It did not.
    No,
    /// It did, and the response with the new tokens is lost.
    AnswerLost,
    /// It did, and the response arrives late.
    AnswerLate,
}

impl Fault {
    /// Whether a token call on such a connection meets the fault.
    pub(super) fn is_met(self, reach: Reach) -> bool {
        match self {
            Self::Status { .. } | Self::Reset(_) | Self::Late(_) | Self::Silent => true,
            Self::DeadConnection => reach == Reach::Kept,
            // A call that arrives was not refused.
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
