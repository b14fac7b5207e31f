//! The inputs and actions of a [`SessionMachine`](super::SessionMachine).

use crate::machine::redirects::RefreshBudget;
use crate::{Generation, Reason};

/// What happened, reported by the driver. `R` is the caller's answer; the machine does not look
/// inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Input<R> {
    /// The hop begins.
    Start(TokenStatus),
    /// A later hop begins, of a request that has refreshed: the answer to its only attempt is
    /// the caller's.
    StartFinal(Generation),
    /// The attempt was answered, or it failed.
    Replied(Verdict, Replay, R),
    /// The session has a token to continue with: a newer one, or the held one if that could not be
    /// renewed and is still usable.
    Refreshed(Generation),
    /// The session cannot get a newer token; the answer says why.
    RefreshFailed(R),
}

impl<R> Input<R> {
    /// The first input of a later hop. `status` is what the session had for the hop when the
    /// redirect arrived, and `token` is the newest token.
    #[must_use]
    pub const fn hop(refresh: RefreshBudget, status: TokenStatus, token: Generation) -> Self {
        match (refresh, status) {
            (RefreshBudget::Left, TokenStatus::Usable(_)) => {
                Self::Start(TokenStatus::Usable(token))
            }
            (RefreshBudget::Spent, TokenStatus::Usable(_)) => Self::StartFinal(token),
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
        /// The generation to sign it with.
        token: Generation,
    },
    /// Get a token newer than this one; drain the refused answer first, if there is one.
    Refresh {
        /// The generation that was refused or had expired.
        stale: Generation,
        /// The answer that refused it; `None` if it had expired before the first attempt.
        refused: Option<R>,
    },
    /// Wait for a token newer than this one, which is still usable.
    Renew {
        /// The generation that is about to expire.
        held: Generation,
    },
    /// Return this answer to the caller.
    Finish {
        /// The answer.
        answer: R,
        /// What the session decided about it.
        reason: Option<Reason>,
    },
    /// Ask whether there is a newer token by now, without a wait: the request has refreshed before.
    ///
    /// If there is, drain the refused answer and replay the request. If not, return the error of
    /// that refresh, with the refused answer.
    Readmit {
        /// The generation that was refused.
        stale: Generation,
        /// The answer that refused it.
        refused: R,
    },
    /// Return this answer to the caller, and start a refresh that this request does not wait for:
    /// the next request needs it.
    FinishAndRefresh {
        /// The generation that was refused.
        stale: Generation,
        /// The answer that refused it.
        answer: R,
        /// What the session decided about it.
        reason: Reason,
    },
}

/// The token that the session has for a new request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TokenStatus {
    /// A usable token.
    Usable(Generation),
    /// A usable token that is about to expire, for a request that cannot be sent again.
    Expiring(Generation),
    /// No usable token: this generation is the newest, and is refused or expired.
    Stale(Generation),
}

/// Whether an answer refuses the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// It does not: it is the caller's.
    Answer,
    /// It does, with a challenge ([RFC 9110 §11.4]).
    ///
    /// [RFC 9110 §11.4]: https://www.rfc-editor.org/rfc/rfc9110#section-11.4
    Challenge,
}

/// Whether the request can be sent again, byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Replay {
    /// It can.
    Allowed,
    /// It cannot: its body was consumed.
    BodyConsumed,
    /// It must not: its method is not replayed.
    MethodExcluded,
}
