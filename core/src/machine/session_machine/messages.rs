//! What a [`SessionMachine`](super::SessionMachine) is told, and what it asks for.

use crate::machine::redirects::Refresh;
use crate::{Generation, Reason};

/// What happened, as the driver tells it. `R` is the caller's answer, which nobody opens here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Input<R> {
    /// The request sets out.
    Start(TokenStatus),
    /// A later hop sets out, of a request that has had its refresh: the answer to this attempt
    /// is the last word.
    StartFinal(Generation),
    /// The attempt was answered, or it failed.
    Replied(Verdict, Replay, R),
    /// The session has a token to go on with: a newer one, or the one that was to be renewed,
    /// which can still be used.
    Refreshed(Generation),
    /// A newer token is not to be had; the answer says why.
    RefreshFailed(R),
}

impl<R> Input<R> {
    /// A later hop sets out: with the newest token, `token`, if the one it was promised
    /// (`status`) can be used.
    #[must_use]
    pub const fn hop(refresh: Refresh, status: TokenStatus, token: Generation) -> Self {
        match (refresh, status) {
            (Refresh::Left, TokenStatus::Usable(_)) => Self::Start(TokenStatus::Usable(token)),
            (Refresh::Spent, TokenStatus::Usable(_)) => Self::StartFinal(token),
            // With the refresh spent, `RedirectMachine` returns the redirect.
            (_, TokenStatus::Expiring(_) | TokenStatus::Stale(_)) => Self::Start(status),
        }
    }
}

/// What the driver does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "an action that is not performed leaves its request without an answer"]
#[non_exhaustive]
pub enum Action<R> {
    /// Send the request, signed with this token.
    Send {
        /// What to sign it with.
        token: Generation,
    },
    /// Get a token newer than this one; drain the refused answer first, if there is one.
    Refresh {
        /// The generation that was refused or had expired.
        stale: Generation,
        /// The answer that refused it; none where it had expired before the first attempt.
        refused: Option<R>,
    },
    /// Wait for a token newer than this one, which can be used all the same.
    Renew {
        /// The generation that is about to expire.
        held: Generation,
    },
    /// Give the caller this answer.
    Finish {
        /// The answer.
        answer: R,
        /// What the session decided about it.
        reason: Option<Reason>,
    },
    /// Ask whether there is a newer token by now, and wait for none: the request has waited for its
    /// one refresh. Where there is, drain the refused answer first; else the error of that refresh
    /// is the caller's, with it.
    Readmit {
        /// The generation that was refused.
        stale: Generation,
        /// The answer that refused it.
        refused: R,
    },
    /// Give the caller this answer, and refresh all the same: nobody waits for it, the next
    /// request needs it.
    FinishAndRefresh {
        /// The generation that was refused.
        stale: Generation,
        /// The answer that refused it.
        answer: R,
        /// What the session decided about it.
        reason: Reason,
    },
}

/// What the session has to sign a new request with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TokenStatus {
    /// A token that may be accepted.
    Usable(Generation),
    /// One that may expire before this request is through, which cannot be sent again.
    Expiring(Generation),
    /// None newer than this generation, which is known to be refused or expired.
    Stale(Generation),
}

/// What an answer says about the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing: it is the caller's, whatever it is.
    Answer,
    /// It is refused: a challenge ([RFC 9110 §11.4]).
    ///
    /// [RFC 9110 §11.4]: https://www.rfc-editor.org/rfc/rfc9110#section-11.4
    Challenge,
}

/// Whether the request may be sent once more, byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Replay {
    /// It may.
    Allowed,
    /// Its body was consumed.
    BodyConsumed,
    /// Its method is none of those that are sent again.
    MethodExcluded,
}
