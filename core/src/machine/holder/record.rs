//! What a store keeps for one sign-in.

use std::sync::Arc;
use std::time::Duration;

use crate::machine::TokenUse;

/// What a store keeps for one sign-in. All sessions that share the store work on it.
///
/// `T` is a token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Record<T> {
    /// Where the record stands among all records of the store.
    pub position: Position,
    /// The token; `None` after a sign-out.
    pub token: Option<T>,
    /// The holder that is about to send the refresh token, or has sent it.
    pub claim: Option<Claim>,
    /// How often the refresh token may have been sent. A claim counts before anything is sent.
    pub sends: u32,
    /// Whether an answer has kept the refresh token.
    pub reusable: bool,
    /// Whether the token server has refused the refresh token.
    pub dead: bool,
    /// The strictest use of any holder that has claimed the record.
    pub token_use: TokenUse,
    /// Random for each write, so that no two contents are equal.
    pub write: Id,
}

/// A token that sessions share.
pub trait SharedToken: Clone {
    /// Whether both have a refresh token, and it is the same.
    fn has_same_refresh_token(&self, other: &Self) -> bool;
}

/// Where a record stands: later sign-ins and commits have a higher position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Position {
    /// Counts sign-ins and sign-outs, from 1.
    pub epoch: u64,
    /// Counts the refreshes of the sign-in.
    pub seq: u64,
    /// Identifies the sign-in or sign-out.
    pub sign_in: Id,
}

/// A note that a holder is about to send the refresh token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Claim {
    /// Random, and new for each claim.
    pub id: Id,
    /// The name of the holder, for messages.
    pub holder: Arc<str>,
    /// Whether the answer of the token server was lost.
    pub in_doubt: bool,
    /// How long the holder may take from before the claim is written until the new token is stored.
    pub limit: Duration,
}

/// A random number, compared only for equality.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u128);

/// Whether a token in hand has another refresh token than a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherRefreshToken {
    /// It has.
    Yes,
    /// It has the same, or both have none.
    No,
}

impl Position {
    /// The order of positions, apart from sign-ins of one epoch.
    pub(super) const fn order(self) -> (u64, u64) {
        (self.epoch, self.seq)
    }

    /// Whether a record here was written by another sign-in or sign-out than one at `other`, and
    /// not by an earlier one.
    pub(super) fn is_fence_for(self, other: Self) -> bool {
        self.epoch > other.epoch || (self.epoch == other.epoch && self.sign_in != other.sign_in)
    }

    pub(super) fn is_same_sign_in(self, other: Self) -> bool {
        (self.epoch, self.sign_in) == (other.epoch, other.sign_in)
    }
}

impl<T> Record<T> {
    /// The record of a sign-in with this token, or of a sign-out.
    pub(crate) const fn new(position: Position, token: Option<T>, token_use: TokenUse) -> Self {
        Self {
            position,
            token,
            claim: None,
            sends: 0,
            reusable: false,
            dead: false,
            token_use,
            write: Id(0),
        }
    }

    /// Whether a token in hand takes the place of this record, when a session begins: only if the
    /// token server has refused what is here. A sign-out stands.
    #[must_use]
    pub fn yields_to(&self, refresh_token: OtherRefreshToken) -> bool {
        self.dead && refresh_token == OtherRefreshToken::Yes
    }

    pub(super) fn with_write(mut self, write: Id) -> Self {
        self.write = write;
        self
    }

    /// Whether this record is no newer than another one.
    pub(super) fn is_at_most(&self, other: &Self) -> bool {
        self.position.order() <= other.position.order()
    }

    pub(super) fn claimed_by(&self, id: Id) -> bool {
        self.claim.as_ref().is_some_and(|claim| claim.id == id)
    }
}

impl TokenUse {
    /// The stricter of two uses.
    pub(crate) fn stricter(self, other: Self) -> Self {
        use TokenUse::{Grace, Learn, Reusable, SingleUse};
        match (self, other) {
            (SingleUse, _) | (_, SingleUse) => SingleUse,
            (Grace(a), Grace(b)) => Grace(a.min(b)),
            (Grace(grace), _) | (_, Grace(grace)) => Grace(grace),
            (Learn, _) | (_, Learn) => Learn,
            (Reusable, Reusable) => Reusable,
        }
    }
}
