//! The inputs and answers of a [`Holder`](super::Holder).

use std::sync::Arc;
use std::time::Duration;

use super::record::{Id, Position, Record};
use crate::Spends;
use crate::machine::{CallFailure, TokenUse};

/// What the store is called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// To write what is pending.
    Deliver,
    /// To write what is pending, and to read the record.
    Look,
    /// To claim the record that was found at this position, for a call that spends this.
    ///
    /// Ends with [`Done::Found`] if another holder wrote first, and with [`Done::GivenUp`] if the
    /// record cannot be claimed. A sign-in or sign-out that comes meanwhile may be delivered
    /// instead.
    Claim(Spends, Position),
}

/// The next thing that the driver does for an operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Next<T, V> {
    /// It loads the record.
    Load,
    /// It saves this record if the store has this version; `None`: if nothing was ever saved.
    Save {
        /// The version.
        expected: Option<V>,
        /// The record.
        record: Record<T>,
    },
    /// The operation has ended.
    Done(Done<T>),
}

/// What came of a call of the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Answer<T, V> {
    /// The record and its version; `None` if nothing was ever saved.
    Loaded(Option<(Record<T>, V)>),
    /// The record was saved, with this version.
    Kept(V),
    /// The store had another version, that of this record. It is unchanged.
    Conflict(Option<(Record<T>, V)>),
    /// The call failed, or its answer is lost: a save may have been done, or be done later.
    Failed,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Done<T> {
    /// The store failed, or changed too often.
    Failed,
    /// Nothing is pending any more.
    Delivered,
    /// What was pending is given up, because of what another holder wrote, or the record cannot be
    /// claimed.
    GivenUp,
    /// What the store has.
    Found(Found<T>),
    /// The record is claimed with this claim. The refresh token may be sent, after what [`Claimed`]
    /// says.
    Claimed(Claimed, Id),
}

/// What must come before the refresh token is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Claimed {
    /// Nothing.
    Free,
    /// A pause and a look: the claim took the place of one that was judged lost.
    Over,
}

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Found<T> {
    /// Nothing was ever stored.
    Nothing,
    /// The sign-out that the session knows.
    SignedOut,
    /// Another holder has signed in or out.
    Fence(Record<T>),
    /// A token of the session's sign-in.
    Token {
        /// The token.
        token: T,
        /// Where the record stands.
        position: Position,
        /// Whether the token is newer than the session's own.
        age: Age,
        /// Whether its refresh token may be sent.
        standing: Standing,
        /// What is known of its refresh token.
        sent: Sent,
    },
}

/// Whether a stored token is newer than the session's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Age {
    /// It is the session's token.
    Same,
    /// It is newer.
    Newer,
}

/// Whether the refresh token of a record may be sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Standing {
    /// Nobody has claimed the record.
    Free,
    /// The session has a claim under which it never sent, and makes a new one.
    Unsent,
    /// The session has claimed the record with this claim, and may send.
    Ours(Id),
    /// The holder of the claim may have sent, and its answer counts as lost.
    Lost,
    /// Another holder has claimed the record.
    Claimed {
        /// The claim.
        id: Id,
        /// The name of the holder.
        holder: Arc<str>,
        /// How long the session has seen the claim.
        seen_for: Duration,
        /// After how long the claim is judged lost.
        lost_in: Duration,
    },
    /// The token server has refused the refresh token.
    Dead,
}

/// What all holders together know of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sent {
    /// How often it may have been sent. A claim of the session does not count before it is sent
    /// under.
    pub sends: u32,
    /// Whether an answer has kept it.
    pub reusable: bool,
    /// No send was earlier than this; `None` if that is unknown.
    pub not_before: Option<Duration>,
    /// The strictest use of all holders.
    pub token_use: TokenUse,
}

/// What came of a send, or of a claim without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Settled<T> {
    /// The token server granted this token.
    Granted(T, RefreshTokenKept),
    /// The refresh token was not sent, or not processed.
    NotProcessed,
    /// The token server refused the refresh token.
    Refused,
    /// The answer was lost.
    Lost,
}

impl<T> Settled<T> {
    /// What came of a call that failed.
    #[must_use]
    pub const fn failed(failure: CallFailure) -> Self {
        match failure {
            CallFailure::Refused => Self::Refused,
            CallFailure::Lost => Self::Lost,
            // The client that is misconfigured may be one of many.
            CallFailure::SpentNothing
            | CallFailure::NotProcessed
            | CallFailure::Misconfigured
            | CallFailure::MisconfiguredSpentNothing => Self::NotProcessed,
        }
    }
}

/// Whether an answer kept the refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefreshTokenKept {
    /// It did.
    Yes,
    /// It brought another one.
    No,
}

/// The time, by two clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clocks {
    /// The larger of the monotonic and the wall clock: a limit of one's own has passed by it.
    pub now: Duration,
    /// The monotonic clock, which may stand still: a limit of somebody else's has passed by it.
    pub monotonic: Duration,
}

/// Random numbers for the next write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ids {
    /// For the write.
    pub write: Id,
    /// For its claim.
    pub claim: Id,
}

/// The settings of a [`Holder`](super::Holder).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HolderSettings {
    /// Its name, for the messages of others.
    pub name: Arc<str>,
    /// How long it takes at most from before a claim is written until the new token is stored.
    pub limit: Duration,
    /// For how long a sign-in or sign-out replaces what others write; later ones give way.
    pub patience: Duration,
    /// Whether a refresh token can be sent again.
    pub token_use: TokenUse,
}
