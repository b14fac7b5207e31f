//! One request's hops: which redirect is followed, and what the next hop may carry.
//!
//! It holds what spans the hops: how many are left, the one refresh of a request, whether the
//! progress has been over TLS. It never knows a URL, a header, a token's bytes, or an answer. A
//! [`SessionMachine`](super::SessionMachine) is started for each hop that is signed.

mod messages;
mod rewrite;

use std::error::Error;
use std::fmt;

pub use messages::{
    Action, BodyLeft, Channel, Credentials, Headers, Input, Redirect, Refresh, TargetOrigin,
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
    /// It does not: a redirect is an answer as any other.
    #[default]
    Off,
    /// It follows so many of one request: [`Redirects::follow`].
    Follow(Hops),
}

/// A number of redirects; at most 20.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hops(u8);

impl Redirects {
    /// It follows up to so many redirects of one request; at most 20.
    #[must_use]
    pub const fn follow(hops: u8) -> Self {
        const MOST: u8 = 20;
        Self::Follow(Hops(if hops < MOST { hops } else { MOST }))
    }
}

/// What spans the hops of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Progress {
    redirects: Redirects,
    refresh: Refresh,
    credentials: Credentials,
    /// TLS from the first hop on that was.
    channel: Channel,
}

impl Progress {
    /// The progress that is left behind this redirect; none where its end is reached.
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

    /// Whether the next hop may be signed: the rule of origins, applied afresh.
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

/// Where a request is on its progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum State {
    /// Nothing was sent.
    Ready(Redirects),
    /// A hop is on its progress that the session signs.
    Signed(Progress),
    /// A hop is on its progress without the session's token.
    Unsigned(Progress),
    /// The session is asked for a token for the next hop.
    Asking(Progress, Redirect),
    /// The caller has its answer.
    Done,
}

impl State {
    /// The transition function: what follows from this input in this state.
    ///
    /// # Errors
    ///
    /// An input that does not belong to this state is [`Unexpected`].
    #[inline]
    pub const fn next(self, input: Input) -> Result<(Self, Action), Unexpected> {
        use Action::{Ask, Continue, Follow, Return, Send, TooMany};
        use Input::{Answered, Misdirected, Redirected, Refreshing, Start, Superseded, Token};
        use State::{Asking, Done, Ready, Signed, Unsigned};

        Ok(match (self, input) {
            (Ready(redirects), Start(credentials, channel)) => {
                let progress = Progress {
                    redirects,
                    refresh: Refresh::Left,
                    credentials,
                    channel,
                };
                match credentials {
                    Credentials::Session => (Signed(progress), Send(credentials)),
                    Credentials::Callers => (Unsigned(progress), Send(credentials)),
                }
            }
            (Signed(progress), Refreshing) if matches!(progress.refresh, Refresh::Left) => {
                let refresh = Refresh::Spent;
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
                | (Refresh::Left, TokenStatus::Expiring(_) | TokenStatus::Stale(_)) => {
                    (Signed(progress), Follow(Credentials::Session, to))
                }
                // It would have to wait for a refresh.
                (Refresh::Spent, TokenStatus::Expiring(_) | TokenStatus::Stale(_)) => {
                    (Done, Return(Some(Reason::RefreshSpent)))
                }
            },
            (state, input) => return Err(Unexpected { state, input }),
        })
    }
}

/// A request's hops: a [`State`] that remembers itself.
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
    /// A request that has not set out.
    #[must_use]
    pub const fn new(redirects: Redirects) -> Self {
        Self {
            state: State::Ready(redirects),
        }
    }

    /// Where the request is.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether a redirect is worth a look: where it is not, each is [`Input::Answered`].
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

    /// Takes one input and returns the one action that follows.
    ///
    /// # Errors
    ///
    /// [`Unexpected`] where the input does not belong to the state, which stays as it was.
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

/// An input that does not belong to the state: a mistake of the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unexpected {
    state: State,
    input: Input,
}

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} does not belong to {:?}", self.input, self.state)
    }
}

impl Error for Unexpected {}

#[cfg(test)]
mod tests;
