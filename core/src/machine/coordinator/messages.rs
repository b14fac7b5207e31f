//! The inputs and answers of a [`Coordinator`](super::Coordinator).

use std::time::Duration;

use crate::Generation;
use crate::machine::origins::{Destination, OriginSet, PathId};
use crate::machine::phase::RefreshTokenId;
use crate::machine::validity::Term;

/// Whether a request can be sent more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sendable {
    /// It can be sent again if its token is refused.
    Again,
    /// It can be sent once: if its token is refused, its body is lost.
    Once,
}

/// Why a request needs a newer token, for [`Coordinator::admit`](super::Coordinator::admit).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// This destination refused its token.
    By(Destination),
    /// It was not sent to this destination, because there is no usable token to sign it with.
    Unsigned(Destination),
    /// The application asks for a newer token, even if the current one is good.
    Forced,
}

impl Refusal {
    /// Where the request goes.
    #[must_use]
    pub const fn destination(self) -> Destination {
        match self {
            Self::By(there) | Self::Unsigned(there) => there,
            Self::Forced => Destination::new(OriginSet::ELSEWHERE, PathId::NONE),
        }
    }
}

/// What a new request does, from [`Coordinator::enter`](super::Coordinator::enter).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Entry<F> {
    /// It is sent, signed with this token.
    Go(Generation),
    /// It is sent, signed with this token, and this flight, an early refresh, departs.
    GoAndDepart(Generation, F),
    /// It waits for this flight. If that brings no newer token, it may be sent with this one,
    /// which has not expired and was not refused at its path.
    Renew(Generation, F),
    /// It needs a token newer than this one.
    Stale(Generation),
}

/// How a request gets a newer token, from [`Coordinator::admit`](super::Coordinator::admit).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Admission<F> {
    /// The token was refreshed since: the request is sent with this one.
    Current(Generation),
    /// It waits for this flight.
    Await(F),
    /// The last refresh failed, and the session backs off.
    Resting {
        /// When the next flight may depart.
        until: Duration,
    },
    /// The limit of refreshes is reached.
    Limited {
        /// When the next flight may depart.
        until: Duration,
    },
    /// A refresh has just brought this token, and no server has accepted it yet: its refusal is
    /// ignored for now.
    TooFresh {
        /// When a refusal counts.
        until: Duration,
    },
    /// The refresh token is refused or spent: only a sign-in helps.
    Refused,
    /// The session cannot get a newer token.
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
    /// It may wait.
    Allowed,
    /// Too many requests wait already.
    Full,
}

/// Which connection a token call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Connection {
    /// Any connection: the call spends nothing, or a refresh token that can be sent again.
    Any,
    /// A new connection that no other request has used.
    Own,
}

/// Whether a flight sends the refresh token, from [`Coordinator::begin_call`](super::Coordinator::begin_call).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Sending {
    /// It does, over a connection of this kind.
    Over(Connection),
    /// It does not: the refresh token may be spent, and must not be sent again.
    Spent,
    /// It does not: a sign-in or sign-out has come since.
    Overtaken,
}

/// What a call without a new token says about the refresh token that it sent, for
/// [`Coordinator::call_failed`](super::Coordinator::call_failed).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallFailure {
    /// The call sent no refresh token that could be spent.
    SpentNothing,
    /// The refresh token was not processed.
    NotProcessed,
    /// The answer is lost, so the refresh token may have been processed.
    Lost,
    /// The refresh token was not processed, because the client is misconfigured.
    Misconfigured,
    /// As [`Misconfigured`](Self::Misconfigured), by a call that sent no refresh token that could
    /// be spent.
    MisconfiguredSpentNothing,
    /// The refresh token was refused.
    Refused,
}

/// Whether a flight sends the refresh token once more, if it has time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Again {
    /// It does, after a pause.
    AfterAPause,
    /// It does not: it lands.
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
        /// Whether the access token changed.
        access_token: AccessTokenChange,
        /// Whether the refresh token changed.
        refresh_token: RefreshTokenChange,
    },
    /// It brought no token, and another flight may: the refresh token was not processed, or the
    /// answer is lost and the refresh token can be sent again.
    Failed(Rest),
    /// The refresh token was refused.
    Refused,
}

impl Landing {
    /// Whether the answer of the token server kept the refresh token.
    #[must_use]
    pub const fn keeps_refresh_token(&self) -> bool {
        matches!(
            self,
            Self::Refreshed {
                refresh_token: RefreshTokenChange::Kept,
                ..
            }
        )
    }

    /// Whether the token came from the store.
    #[must_use]
    pub const fn is_adopted(&self) -> bool {
        matches!(
            self,
            Self::Refreshed {
                refresh_token: RefreshTokenChange::Adopted(_)
                    | RefreshTokenChange::AdoptedWithSame(_),
                ..
            }
        )
    }
}

/// How long a session backs off after a refresh that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rest {
    /// The `Retry-After` of the token server.
    pub retry_after: Option<Duration>,
    /// Shortens the back-off by `jitter / 256` of its half. It does not apply to `retry_after`.
    pub jitter: u8,
}

/// Whether a refresh that succeeded changed the access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccessTokenChange {
    /// The answer has a new access token.
    New,
    /// The answer has the access token that the session holds.
    Same,
}

/// Whether a refresh that succeeded changed the refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefreshTokenChange {
    /// The answer has no other refresh token: the session keeps its own.
    Kept,
    /// The answer has a new refresh token.
    Replaced,
    /// The token came from the store, with this refresh token, which the session may have sent
    /// before.
    Adopted(RefreshTokenId),
    /// As [`Adopted`](Self::Adopted), and it is the refresh token that the session holds: the
    /// server kept it when another process refreshed.
    AdoptedWithSame(RefreshTokenId),
}

/// The token with which a request goes on that waited for a newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Resume {
    /// The token of this generation.
    With(Generation),
    /// None: the newest one has expired, for example while it was saved.
    Expired,
    /// None: a sign-in or sign-out came since.
    Superseded,
}

/// Whether a landing counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Landed {
    /// It counts: the session's token has this generation.
    Counts(Generation),
    /// It brought the access token that was refused, so the refresh failed and the generation
    /// stays. The session takes the rest of the answer.
    SameToken,
    /// It does not count: a sign-in or sign-out came before it.
    Overtaken,
}
