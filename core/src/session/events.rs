//! What a session tells of itself.

mod dispatch;

use std::sync::Arc;
use std::time::Duration;

use crate::store::StoreFailure;
use crate::{Generation, Reason, RefreshError, RevocationError};

pub(super) use dispatch::{Dispatcher, Listener};

/// Something that happened to a session, for [`SessionBuilder::on_event`].
///
/// Each happens once: a refresh is one event, however many requests waited for it. There is no
/// token in it.
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
    /// A refresh new the token of this generation; it is in force.
    Refreshed {
        /// The generation of the newer token.
        generation: Generation,
    },
    /// A refresh that still counted new none.
    RefreshFailed {
        /// The generation that was to be replaced.
        generation: Generation,
        /// Why, as all requests that waited for it have it.
        error: Arc<RefreshError>,
        /// How long the session rests before it asks again; none where it has ended, and only a
        /// sign-in helps.
        retry_after: Option<Duration>,
    },
    /// The store has written of a token, or that there is none any more.
    Saved,
    /// The store has not written, and is told again at the next refresh or in
    /// [`Session::close`](crate::Session::close).
    SaveFailed {
        /// Why.
        error: StoreFailure,
    },
    /// Somebody signed in: the token of this generation is in force.
    SignedIn {
        /// The generation of the token.
        generation: Generation,
    },
    /// The session was signed out.
    SignedOut {
        /// The generation of the sign-out.
        generation: Generation,
    },
    /// The token server has written that the token of a session which signed out is of no use any
    /// more.
    Revoked,
    /// It has not, or nobody knows: the token may be good until it expires.
    RevocationFailed {
        /// Why.
        error: Arc<RevocationError>,
    },
    /// A request that was refused is sent again.
    Replayed {
        /// What the replay is signed with.
        generation: Generation,
    },
    /// A request that was refused is not sent again, and its caller has the answer.
    ReplayRefused {
        /// What the refused attempt was signed with.
        generation: Generation,
        /// Why.
        reason: Reason,
    },
}

/// How often something happened, from [`Session::counts`](crate::Session::counts).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Refreshes that departed.
    pub refreshes: u64,
    /// Refreshes that new a token which is or was in force.
    pub refreshed: u64,
    /// Refreshes that new none and counted.
    pub failed: u64,
    /// Of those, refreshes whose token the server refused.
    pub refused: u64,
    /// Requests that waited for a refresh which another one had begun.
    pub joined: u64,
    /// Requests that were refused and found a newer token in force: a refresh saved.
    pub spared: u64,
    /// Requests that were sent again.
    pub replayed: u64,
    /// Requests that were refused and could not be sent again.
    pub replays_refused: u64,
    /// Words that the store written.
    pub saved: u64,
    /// Times that it did not.
    pub saves_failed: u64,
}
