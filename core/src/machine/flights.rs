//! What a [`Coordinator`](super::Coordinator) answers, and what a flight tells it.

use std::time::Duration;

use super::validity::Term;
use crate::Generation;

/// How often a request can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sendable {
    /// Again, where its token is refused.
    Again,
    /// Once: a refusal costs its body.
    Once,
}

/// What a new request does, from [`Coordinator::enter`](super::Coordinator::enter).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Entry<F> {
    /// It goes, signed with this token.
    Go(Generation),
    /// It goes, signed with this token, and an early refresh begins beside it.
    GoAndDepart(Generation, F),
    /// It waits for this flight; if that brings no newer token, it may go with this one.
    Renew(Generation, F),
    /// It needs a token newer than this one.
    Stale(Generation),
}

/// What becomes of a request that needs a newer token, from [`Coordinator::admit`](super::Coordinator::admit).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Admission<F> {
    /// Somebody refreshed since: it goes with this token.
    Current(Generation),
    /// It waits for this flight.
    Await(F),
    /// The last refresh failed, or its limit is reached, with nothing lost: none departs before.
    Resting {
        /// When one may.
        until: Duration,
    },
    /// The limit of refreshes is reached: none departs before.
    Limited {
        /// When one may.
        until: Duration,
    },
    /// The refresh token is refused or spent: only a sign-in helps.
    Refused,
    /// The attempt was signed before the last sign-in or sign-out.
    Superseded,
    /// There is no token.
    SignedOut,
}

/// Whether a request may wait for a flight, from [`Coordinator::wait`](super::Coordinator::wait).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Wait {
    /// It may.
    Seated,
    /// As many wait as may.
    Full,
}

/// How a flight ended, for [`Coordinator::land`](super::Coordinator::land).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Landing {
    /// It brought a token.
    Refreshed {
        /// How long the token is accepted.
        term: Term,
        /// What became of the refresh token.
        refresh_token: RefreshToken,
    },
    /// It was provably not processed.
    Transient {
        /// How long the token server asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The refresh token was refused.
    Refused,
    /// The refresh token may have been spent, and what it bought is lost.
    Unknown {
        /// When it was sent.
        since: Duration,
    },
}

/// What became of the refresh token in a refresh that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefreshToken {
    /// The answer brought none: it stays.
    Kept,
    /// The answer brought a new one.
    Replaced,
}

/// Whether a landing counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Landed {
    /// It does: the session's token is of this generation.
    Counts(Generation),
    /// A sign-in or sign-out came before it.
    Overtaken,
}
