//! Events and counters: what a session reports about itself.

mod dispatch;

use std::sync::Arc;
use std::time::Duration;

pub(super) use dispatch::{Dispatcher, Listener};

use crate::store::StoreFailure;
use crate::{Generation, Reason, RefreshError, RevocationError};

/// Something that happened to a session, for [`SessionBuilder::on_event`].
///
/// A refresh is one event, however many requests waited for it. No event holds a token.
///
/// [`SessionBuilder::on_event`]: crate::SessionBuilder::on_event
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// Its number, from 1, in the order in which things happened to the session.
    pub number: u64,
    /// What happened.
    pub kind: EventKind,
}

/// What happened to a session.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EventKind {
    /// A refresh brought a new token, which is in force.
    Refreshed {
        /// The generation of the new token.
        generation: Generation,
    },
    /// A refresh failed. Not reported if the session was signed in or out meanwhile.
    RefreshFailed {
        /// The generation that was to be replaced.
        generation: Generation,
        /// The error, which all requests that waited for the refresh get.
        error: Arc<RefreshError>,
        /// How long the session waits before it refreshes again. `None` if the session has ended:
        /// only a sign-in helps.
        retry_after: Option<Duration>,
    },
    /// Another session that shares the store has refreshed: its token is in force.
    Adopted {
        /// The generation of the token.
        generation: Generation,
    },
    /// A refresh waits, because another session that shares the store is refreshing.
    ClaimedElsewhere {
        /// The name of that session ([`SessionBuilder::holder`](crate::SessionBuilder::holder)).
        holder: Arc<str>,
        /// How long this session has seen it refresh.
        seen_for: Duration,
    },
    /// The store saved or erased the token.
    Saved,
    /// The store failed to save or erase the token. It is tried again soon: after a second, which
    /// doubles, by a task or else by the next request, and in
    /// [`Session::close`](crate::Session::close).
    SaveFailed {
        /// The store's error.
        error: StoreFailure,
    },
    /// The session was signed in: the token of this generation is in force.
    SignedIn {
        /// The generation of the token.
        generation: Generation,
    },
    /// The session was signed out.
    SignedOut {
        /// The generation of the sign-out.
        generation: Generation,
    },
    /// Another session that shares the store was signed in, and this session with it: the token of
    /// this generation is in force.
    SignedInElsewhere {
        /// The generation of the token.
        generation: Generation,
    },
    /// Another session that shares the store was signed out, and this session with it.
    SignedOutElsewhere {
        /// The generation of the sign-out.
        generation: Generation,
    },
    /// The token server revoked the token of a session that signed out.
    Revoked,
    /// The revocation failed or was not confirmed: the token may be accepted until it expires.
    RevocationFailed {
        /// The error.
        error: Arc<RevocationError>,
    },
    /// A refused request is replayed.
    Replayed {
        /// The generation of the token that the replay carries.
        generation: Generation,
    },
    /// A refused request is not replayed, and its caller gets the response.
    ReplayRefused {
        /// The generation of the token that was refused.
        generation: Generation,
        /// Why the request is not replayed.
        reason: Reason,
    },
}

/// Event counts, from [`Session::counts`](crate::Session::counts).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Refreshes that departed.
    pub refreshes: u64,
    /// Refreshes that brought a token which is or was in force.
    pub refreshed: u64,
    /// Tokens that another session had stored, and that came into force here.
    pub adopted: u64,
    /// Refreshes that failed, as in [`EventKind::RefreshFailed`].
    pub failed: u64,
    /// Of those, refreshes whose refresh token was refused.
    pub refused: u64,
    /// Requests that waited for a refresh which another request had begun.
    pub joined: u64,
    /// Requests that were refused and found a newer token in force, without a refresh.
    pub spared: u64,
    /// Requests that were replayed.
    pub replayed: u64,
    /// Requests that were refused and not replayed.
    pub replays_refused: u64,
    /// Tokens that the store saved or erased.
    pub saved: u64,
    /// Failed attempts to save or erase.
    pub saves_failed: u64,
}
