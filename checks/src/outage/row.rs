//! The combinations, and what must happen to their sessions.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use reauth::machine::TokenUse;

use crate::server::{Cut, Fault, Processed, Rotation};

/// The application's timeout for its requests. A token call has the session's deadline instead.
pub(super) const CLIENT_TIMEOUT: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_secs(2);

/// A combination, which all sessions of a row have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) fault: Fault,
    pub(super) processed: Processed,
    pub(super) rotation: Rotation,
    pub(super) token_use: Use,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Learn,
    SingleUse,
}

/// What happens to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Live,
    /// The application is told to sign in again.
    Ended,
}

/// What must happen to each session of a row.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) fate: Fate,
    pub(super) calls: RangeInclusive<u32>,
    /// The maximum of calls with a spent refresh token.
    pub(super) reuses: u32,
    /// The number of calls that meet the fault.
    pub(super) faults: RangeInclusive<u32>,
}

pub(super) fn all() -> impl Iterator<Item = Row> {
    let status = |status| Fault::Status {
        status,
        retry_after: None,
    };
    let unknown = [
        status(500),
        status(502),
        status(504),
        status(521),
        status(503),
        Fault::Reset(Cut::BeforeHead),
        Fault::Reset(Cut::WithinHead),
        Fault::Reset(Cut::WithinBody),
        Fault::Silent,
    ];
    let unknown = unknown.into_iter().flat_map(|fault| {
        [Processed::No, Processed::AnswerLost].map(|processed| (fault, processed))
    });
    let known = [
        (
            Fault::Status {
                status: 503,
                retry_after: Some(1),
            },
            Processed::No,
        ),
        (status(429), Processed::No),
        (Fault::Refused, Processed::No),
        (Fault::Late(LATE), Processed::AnswerLate),
        (Fault::DeadConnection, Processed::No),
    ];
    unknown.chain(known).flat_map(|(fault, processed)| {
        [Rotation::Rotating, Rotation::Reusable]
            .into_iter()
            .flat_map(move |rotation| {
                [Use::Learn, Use::SingleUse].map(move |token_use| Row {
                    fault,
                    processed,
                    rotation,
                    token_use,
                })
            })
    })
}

/// What a session can know about its token call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The call does not meet the fault, or its response arrives in the end.
    Answered,
    /// The call was provably not processed.
    Unprocessed,
    Unknown,
}

impl Row {
    pub(super) fn wanted(self) -> Wanted {
        let lost = self.processed == Processed::AnswerLost && self.rotation == Rotation::Rotating;
        let (fate, calls) = match (self.outcome(), self.token_use) {
            (Outcome::Answered, _) if self.may_share_connections() => (Fate::Live, 1..=2),
            (Outcome::Answered, _) => (Fate::Live, 1..=1),
            (Outcome::Unprocessed, _) => (Fate::Live, 1..=2),
            (Outcome::Unknown, Use::SingleUse) => (Fate::Ended, 1..=1),
            (Outcome::Unknown, Use::Learn) if lost => (Fate::Ended, 1..=2),
            (Outcome::Unknown, Use::Learn) => (Fate::Live, 1..=2),
        };
        Wanted {
            reuses: u32::from(fate == Fate::Ended && self.token_use == Use::Learn),
            fate,
            calls,
            faults: match self.fault {
                Fault::DeadConnection if self.may_share_connections() => 0..=1,
                Fault::DeadConnection | Fault::Refused => 0..=0,
                Fault::Status { .. } | Fault::Reset(_) | Fault::Late(_) | Fault::Silent => 1..=1,
            },
        }
    }

    /// Whether the session may send its token call over a connection that others use: it has
    /// learned, from a refresh before the fault, that the call spends nothing.
    fn may_share_connections(self) -> bool {
        self.fault == Fault::DeadConnection
            && self.rotation == Rotation::Reusable
            && self.token_use == Use::Learn
    }

    fn outcome(self) -> Outcome {
        match self.fault {
            // Token calls have their own connections, and not the application's timeout.
            Fault::Late(_) | Fault::DeadConnection => Outcome::Answered,
            Fault::Refused
            | Fault::Status { status: 429, .. }
            | Fault::Status {
                status: 503,
                retry_after: Some(_),
            } => Outcome::Unprocessed,
            Fault::Status { .. } | Fault::Reset(_) | Fault::Silent => Outcome::Unknown,
        }
    }
}

impl Use {
    pub(super) fn token_use(self) -> TokenUse {
        match self {
            Self::Learn => TokenUse::Learn,
            Self::SingleUse => TokenUse::SingleUse,
        }
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Learn => "learn",
            Self::SingleUse => "single-use",
        })
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            fault,
            processed,
            rotation,
            token_use,
        } = self;
        write!(f, "{fault} / {processed} / {rotation} / {token_use}")
    }
}

#[cfg(test)]
mod tests;
