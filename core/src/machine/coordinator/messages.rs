//! What a [`Coordinator`](super::Coordinator) answers, and what a flight tells it.

use std::time::Duration;

use crate::Generation;
use crate::machine::origins::Destination;
use crate::machine::validity::Term;

/// How often a request can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sendable {
    /// Again, where its token is refused.
    Again,
    /// Once: a refusal costs its body.
    Once,
}

/// Why a request needs a newer token, for [`Coordinator::admit`](super::Coordinator::admit).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// It was refused there.
    By(Destination),
    /// It is to go there, and was not signed: there is nothing to sign it with.
    Unsigned(Destination),
    /// The application asks for a newer one, whatever that in force is worth.
    Forced,
}

/// What a new request does, from [`Coordinator::enter`](super::Coordinator::enter).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Entry<F> {
    /// It goes, signed with this token.
    Go(Generation),
    /// It goes, signed with this token, and an early refresh begins beside it.
    GoAndDepart(Generation, F),
    /// It waits for this flight; if that brings no newer token, it may go with this one: nobody has
    /// refused that at its path, and it has not expired.
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
    /// A refresh has just brought this token, and no server has accepted it yet: a refusal does
    /// not count before.
    TooFresh {
        /// When one does.
        until: Duration,
    },
    /// The refresh token is refused or spent: only a sign-in helps.
    Refused,
    /// There is no way to a newer token.
    NoWay,
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
    Allowed,
    /// As many wait as may.
    Full,
}

/// Which connection a token call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Connection {
    /// Any: the call spends nothing, or nothing that could not be sent again.
    Any,
    /// One of its own, which no other request used before it.
    Own,
}

/// Whether a flight sends the refresh token, from [`Coordinator::send`](super::Coordinator::send).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Sending {
    /// It does, over such a connection.
    Over(Connection),
    /// It does not: the refresh token may be spent, and may not be sent again.
    Spent,
    /// It does not: a sign-in or sign-out has come since.
    Overtaken,
}

/// What a call says of the refresh token that it sent, for
/// [`Coordinator::answered`](super::Coordinator::answered).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Answered {
    /// None was sent that could be spent.
    SpentNothing,
    /// It was not processed.
    NotProcessed,
    /// Its answer is lost, so it may have been processed.
    Lost,
    /// It was not processed, and never will be while the client asks as it does.
    Misconfigured,
    /// It was refused.
    Refused,
}

/// Whether a flight sends the refresh token once more, where its time lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Again {
    /// It does, after a pause.
    AfterAPause,
    /// It lands.
    No,
}

/// How a flight ended, for [`Coordinator::land`](super::Coordinator::land).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Landing {
    /// It brought a token.
    Refreshed {
        /// How long the token is accepted.
        term: Term,
        /// What became of the access token.
        access_token: AccessToken,
        /// What became of the refresh token.
        refresh_token: RefreshToken,
    },
    /// It brought none, and another may: it was not processed, or its answer is lost and the
    /// refresh token has another use.
    Failed(Rest),
    /// The refresh token was refused.
    Refused,
}

/// How long a session leaves its token server alone after a refresh that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rest {
    /// How long the token server asks to be left alone.
    pub retry_after: Option<Duration>,
    /// By how much of half its time a rest is shortened, in 256ths; not one that was asked for.
    pub jitter: u8,
}

/// What became of the access token in a refresh that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccessToken {
    /// The answer brought another one.
    New,
    /// The answer brought the one that the session has.
    Same,
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
    /// It brought the access token that was refused, so it is no newer one. What else it brought
    /// is the session's, and its generation stays.
    SameToken,
    /// A sign-in or sign-out came before it.
    Overtaken,
}
