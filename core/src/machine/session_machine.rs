//! The attempts of one hop: which comes next, and when the hop ends.
//!
//! The machine decides whether a refused request is replayed. It does not know other requests,
//! sockets, clocks, the bytes of a token or the content of the answer that it carries.
//!
//! The states are declared in the order in which a request passes them, and every edge goes down
//! that list. "At most two attempts and one refresh" needs no counter: there is no edge back.

mod messages;

use std::error::Error;
use std::fmt;

pub use messages::{Action, Input, Replay, TokenStatus, Verdict};

use crate::{Generation, Reason};

/// The state of one hop of a request, in the order in which it passes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum State {
    /// Nothing was sent.
    Ready,
    /// The first attempt is on the wire.
    FirstAttempt {
        /// The generation that it was signed with.
        token: Generation,
    },
    /// The request can be sent only once, and its token is about to expire: it waits for a newer
    /// one.
    Renewing {
        /// The generation that can still be used.
        held: Generation,
    },
    /// The request waits for a token newer than this one.
    Refreshing {
        /// The generation that was refused or had expired.
        stale: Generation,
    },
    /// An attempt is on the wire, signed with the old token, because it could not be renewed.
    HeldAttempt {
        /// The generation that it was signed with.
        token: Generation,
    },
    /// The held token was refused: the request asks whether there is a newer one by now.
    Readmitting {
        /// The generation that was refused.
        stale: Generation,
    },
    /// The last attempt is on the wire: its answer is the caller's.
    FinalAttempt {
        /// The generation that it was signed with.
        token: Generation,
    },
    /// The caller has its answer.
    Done,
}

impl State {
    /// The transition function: the next state and the action for an input.
    ///
    /// # Errors
    ///
    /// [`Unexpected`] if the input is not legal in this state.
    #[inline]
    pub fn next<R>(self, input: Input<R>) -> Result<(Self, Action<R>), Unexpected> {
        use Action::{Finish, FinishAndRefresh, Readmit, Refresh, Renew, Send};
        use Input::{RefreshFailed, Refreshed, Replied, Start, StartFinal};
        use State::{
            Done, FinalAttempt, FirstAttempt, HeldAttempt, Readmitting, Ready, Refreshing, Renewing,
        };

        let finish = |answer, reason| (Done, Finish { answer, reason });
        let finish_and_refresh = |stale, answer, reason| {
            let action = FinishAndRefresh {
                stale,
                answer,
                reason,
            };
            (Done, action)
        };
        Ok(match (self, input) {
            (Ready, Start(TokenStatus::Usable(token))) => (FirstAttempt { token }, Send { token }),
            (Ready, Start(TokenStatus::Expiring(held))) => (Renewing { held }, Renew { held }),
            (Ready, Start(TokenStatus::Stale(stale))) => {
                let refused = None;
                (Refreshing { stale }, Refresh { stale, refused })
            }
            (Ready, StartFinal(token)) => (FinalAttempt { token }, Send { token }),
            (FirstAttempt { .. }, Replied(Verdict::Answer, _, answer)) => finish(answer, None),
            (
                FirstAttempt { token: stale },
                Replied(Verdict::Challenge, Replay::Allowed, answer),
            ) => {
                let refused = Some(answer);
                (Refreshing { stale }, Refresh { stale, refused })
            }
            (
                FirstAttempt { token: stale } | HeldAttempt { token: stale },
                Replied(Verdict::Challenge, Replay::BodyConsumed, answer),
            ) => finish_and_refresh(stale, answer, Reason::BodyNotReplayable),
            (
                FirstAttempt { token: stale } | HeldAttempt { token: stale },
                Replied(Verdict::Challenge, Replay::MethodExcluded, answer),
            ) => finish_and_refresh(stale, answer, Reason::MethodNotReplayed),
            (Renewing { held }, Refreshed(token)) if token > held => {
                (FinalAttempt { token }, Send { token })
            }
            // This token was not refused here, so it may be used.
            (Renewing { held }, Refreshed(token)) if token == held => {
                (HeldAttempt { token }, Send { token })
            }
            (Refreshing { stale } | Readmitting { stale }, Refreshed(token)) if token > stale => {
                (FinalAttempt { token }, Send { token })
            }
            (Renewing { .. } | Refreshing { .. } | Readmitting { .. }, RefreshFailed(answer)) => {
                finish(answer, None)
            }
            (HeldAttempt { .. } | FinalAttempt { .. }, Replied(Verdict::Answer, _, answer)) => {
                finish(answer, None)
            }
            (
                HeldAttempt { token: stale },
                Replied(Verdict::Challenge, Replay::Allowed, refused),
            ) => (Readmitting { stale }, Readmit { stale, refused }),
            (FinalAttempt { .. }, Replied(Verdict::Challenge, _, answer)) => {
                finish(answer, Some(Reason::RefusedAgain))
            }
            (state, input) => return Err(Unexpected::new(state, &input)),
        })
    }
}

/// The state machine of one hop of a request: a [`State`] that changes in place.
///
#[doc = include_str!("../../docs/transitions.md")]
///
/// # Example
///
/// ```
/// use reauth::machine::{Action, Input, Replay, SessionMachine, TokenStatus, Verdict};
/// use reauth::Generation;
///
/// let (old, new) = (Generation::FIRST, Generation::FIRST.next());
/// let mut machine = SessionMachine::new();
///
/// let action = machine.handle::<&str>(Input::Start(TokenStatus::Usable(old)))?;
/// assert_eq!(action, Action::Send { token: old });
///
/// let refused = Input::Replied(Verdict::Challenge, Replay::Allowed, "401");
/// let action = machine.handle(refused)?;
/// assert_eq!(action, Action::Refresh { stale: old, refused: Some("401") });
///
/// let action = machine.handle::<&str>(Input::Refreshed(new))?;
/// assert_eq!(action, Action::Send { token: new });
///
/// let answered = Input::Replied(Verdict::Answer, Replay::Allowed, "200");
/// let action = machine.handle(answered)?;
/// assert_eq!(action, Action::Finish { answer: "200", reason: None });
/// # Ok::<(), reauth::machine::Unexpected>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionMachine {
    state: State,
}

impl SessionMachine {
    /// A hop that was not sent yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            state: State::Ready,
        }
    }

    /// The current state.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether a challenge to the current attempt may lead to a replay. If not, the driver need not
    /// keep the body.
    #[must_use]
    pub const fn may_replay(&self) -> bool {
        matches!(
            self.state,
            State::FirstAttempt { .. } | State::HeldAttempt { .. }
        )
    }

    /// Takes one input, and returns the one action that follows.
    ///
    /// # Errors
    ///
    /// [`Unexpected`] if the input is not legal in the current state, which does not change.
    #[inline]
    pub fn handle<R>(&mut self, input: Input<R>) -> Result<Action<R>, Unexpected> {
        let (state, action) = self.state.next(input)?;
        self.state = state;
        Ok(action)
    }
}

impl Default for SessionMachine {
    fn default() -> Self {
        Self::new()
    }
}

/// An input that is not legal in the state: a bug in the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unexpected {
    state: State,
    input: &'static str,
}

impl Unexpected {
    const fn new<R>(state: State, input: &Input<R>) -> Self {
        let input = match input {
            Input::Start(_) => "Start",
            Input::StartFinal(_) => "StartFinal",
            Input::Replied(..) => "Replied",
            Input::Refreshed(_) => "Refreshed",
            Input::RefreshFailed(_) => "RefreshFailed",
        };
        Self { state, input }
    }
}

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "input {} is not legal in state {:?}",
            self.input, self.state
        )
    }
}

impl Error for Unexpected {}

#[cfg(test)]
mod tests;
