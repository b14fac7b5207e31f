//! The hops of one request: which redirects are followed, and what the next hop may carry.
//!
//! The machine holds what spans the hops: how many redirects are left, whether the request has
//! used its one refresh, and whether a hop went over TLS. It does not know URLs, headers, responses
//! or the bytes of a token. The driver starts a [`SessionMachine`](super::SessionMachine) for
//! each hop that is signed.

mod messages;
mod rewrite;

use std::error::Error;
use std::fmt;

pub use messages::{
    Action, BodyLeft, Channel, Credentials, Headers, Input, Redirect, RefreshBudget, TargetOrigin,
};
pub use rewrite::Rewrite;

use super::TokenStatus;
use crate::Reason;

/// Whether a session follows redirects ([RFC 9110 §15.4]).
///
/// [RFC 9110 §15.4]: https://www.rfc-editor.org/rfc/rfc9110#section-15.4
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Redirects {
    /// It does not: a redirect is returned like any other response.
    #[default]
    Off,
    /// It follows up to this number for one request: [`Redirects::follow`].
    Follow(Hops),
}

/// A number of redirects; at most 20.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hops(u8);

impl Redirects {
    /// Follows up to `hops` redirects for one request; at most 20.
    #[must_use]
    pub const fn follow(hops: u8) -> Self {
        const MOST: u8 = 20;
        Self::Follow(Hops(if hops < MOST { hops } else { MOST }))
    }
}

/// What a request carries over from hop to hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Progress {
    redirects: Redirects,
    refresh: RefreshBudget,
    credentials: Credentials,
    /// [`Channel::Tls`] once any hop has gone over TLS.
    channel: Channel,
}

impl Progress {
    /// The progress after this redirect; `None` if the limit of redirects is reached.
    const fn after(self, to: &Redirect) -> Option<Self> {
        let Redirects::Follow(Hops(left)) = self.redirects else {
            return None;
        };
        let Some(left) = left.checked_sub(1) else {
            return None;
        };
        let channel = match self.channel {
            Channel::Tls => Channel::Tls,
            Channel::Plain => to.channel,
        };
        Some(Self {
            redirects: Redirects::Follow(Hops(left)),
            channel,
            ..self
        })
    }

    /// Whether the session signs the next hop: with its own credentials, to an allowed origin, and
    /// never from `https` to `http`.
    const fn is_signed(self, to: &Redirect) -> bool {
        matches!(
            (self.credentials, to.target, self.channel, to.channel),
            (
                Credentials::Session,
                TargetOrigin::Allowed,
                Channel::Plain,
                Channel::Plain
            ) | (Credentials::Session, TargetOrigin::Allowed, _, Channel::Tls)
        )
    }
}

/// The state of a request and its hops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum State {
    /// Nothing was sent.
    Ready(Redirects),
    /// A hop is in progress, signed by the session.
    Signed(Progress),
    /// A hop is in progress without the session's token.
    Unsigned(Progress),
    /// The driver asks the session for a token for the next hop.
    Asking(Progress, Redirect),
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
    pub const fn next(self, input: Input) -> Result<(Self, Action), Unexpected> {
        use Action::{Ask, Continue, Follow, Return, Send, TooMany};
        use Input::{Answered, Misdirected, Redirected, Refreshing, Start, Superseded, Token};
        use State::{Asking, Done, Ready, Signed, Unsigned};

        Ok(match (self, input) {
            (Ready(redirects), Start(credentials, channel)) => {
                let progress = Progress {
                    redirects,
                    refresh: RefreshBudget::Left,
                    credentials,
                    channel,
                };
                match credentials {
                    Credentials::Session => (Signed(progress), Send(credentials)),
                    Credentials::Callers => (Unsigned(progress), Send(credentials)),
                }
            }
            (Signed(progress), Refreshing) if matches!(progress.refresh, RefreshBudget::Left) => {
                let refresh = RefreshBudget::Spent;
                (
                    Signed(Progress {
                        refresh,
                        ..progress
                    }),
                    Continue,
                )
            }
            (Signed(_) | Unsigned(_), Answered) => (Done, Return(None)),
            (Signed(progress) | Unsigned(progress), Redirected(_) | Misdirected)
                if matches!(progress.redirects, Redirects::Off) =>
            {
                (Done, Return(None))
            }
            (Signed(_) | Unsigned(_), Misdirected) => {
                (Done, Return(Some(Reason::UnusableLocation)))
            }
            (Signed(_) | Unsigned(_), Redirected(to))
                if matches!((to.rewrite, to.body), (Rewrite::Kept, BodyLeft::Gone)) =>
            {
                (Done, Return(Some(Reason::BodyNotReplayable)))
            }
            (Signed(progress) | Unsigned(progress), Redirected(to)) => match progress.after(&to) {
                None => (Done, TooMany),
                Some(next) if progress.is_signed(&to) => {
                    (Asking(next, to), Ask(progress.refresh, to))
                }
                Some(next) => (Unsigned(next), Follow(Credentials::Callers, to)),
            },
            (Asking(..), Superseded) => (Done, Return(Some(Reason::Superseded))),
            (Asking(progress, to), Token(status)) => match (progress.refresh, status) {
                (_, TokenStatus::Usable(_))
                | (RefreshBudget::Left, TokenStatus::Expiring(_) | TokenStatus::Stale(_)) => {
                    (Signed(progress), Follow(Credentials::Session, to))
                }
                // The hop would need another refresh.
                (RefreshBudget::Spent, TokenStatus::Expiring(_) | TokenStatus::Stale(_)) => {
                    (Done, Return(Some(Reason::RefreshSpent)))
                }
            },
            (state, input) => return Err(Unexpected { state, input }),
        })
    }
}

/// The state machine of a request's hops: a [`State`] that changes in place.
///
#[doc = include_str!("../../docs/redirects.md")]
///
/// # Example
///
/// ```
/// use reauth::Redirects;
/// use reauth::machine::RedirectMachine;
/// use reauth::machine::redirects::{
///     Action, BodyLeft, Channel, Credentials, Headers, Input, Redirect, Rewrite,
///     TargetOrigin,
/// };
///
/// let mut machine = RedirectMachine::new(Redirects::follow(5));
/// let action = machine.handle(Input::Start(Credentials::Session, Channel::Tls))?;
/// assert_eq!(action, Action::Send(Credentials::Session));
///
/// let foreign = Redirect::new(
///     TargetOrigin::Foreign,
///     Channel::Tls,
///     Headers::Stripped,
///     Rewrite::Kept,
///     BodyLeft::There,
/// );
/// let action = machine.handle(Input::Redirected(foreign))?;
/// assert_eq!(action, Action::Follow(Credentials::Callers, foreign));
/// # Ok::<(), reauth::machine::redirects::Unexpected>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RedirectMachine {
    state: State,
}

impl RedirectMachine {
    /// A request that was not sent yet.
    #[must_use]
    pub const fn new(redirects: Redirects) -> Self {
        Self {
            state: State::Ready(redirects),
        }
    }

    /// The current state.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether redirects are followed. If not, the driver may treat each as [`Input::Answered`].
    #[must_use]
    pub const fn follows(&self) -> bool {
        match self.state {
            State::Signed(progress) | State::Unsigned(progress) => match progress.redirects {
                Redirects::Follow(_) => true,
                Redirects::Off => false,
            },
            State::Ready(_) | State::Asking(..) | State::Done => false,
        }
    }

    /// Takes one input, and returns the one action that follows.
    ///
    /// # Errors
    ///
    /// [`Unexpected`] if the input is not legal in the current state, which does not change.
    #[inline]
    pub const fn handle(&mut self, input: Input) -> Result<Action, Unexpected> {
        match self.state.next(input) {
            Ok((state, action)) => {
                self.state = state;
                Ok(action)
            }
            Err(unexpected) => Err(unexpected),
        }
    }
}

/// An input that is not legal in the state: a bug in the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unexpected {
    state: State,
    input: Input,
}

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "input {:?} is not legal in state {:?}",
            self.input, self.state
        )
    }
}

impl Error for Unexpected {}

#[cfg(test)]
mod tests;
