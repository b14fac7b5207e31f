//! What an [`RedirectMachine`](super::RedirectMachine) is told, and what it asks for.

use super::Rewrite;
use crate::Reason;
use crate::machine::{Sendable, TokenStatus};

/// What happened, as the driver tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Input {
    /// The request sets out, with whose credentials, over what.
    Start(Credentials, Channel),
    /// The hop's token was refused or is stale, and its machine asks for a newer one.
    Refreshing,
    /// The hop has its answer, or it failed: there is nothing to follow.
    Answered,
    /// The hop was redirected to where no request goes: no `Location` or more than one, one that
    /// is no reference to `http` or `https`, or one with user information.
    Misdirected,
    /// The hop was redirected.
    Redirected(Redirect),
    /// What the session has to sign the next hop with.
    Token(TokenStatus),
    /// The session was signed in or out since the request was signed.
    Superseded,
}

/// What the driver does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "an action that is not performed leaves its request without an answer"]
#[non_exhaustive]
pub enum Action {
    /// Send the first hop, with whose credentials.
    Send(Credentials),
    /// Refresh: it is the request's one.
    Continue,
    /// Ask the session for a token for the next hop. Where the refresh is spent, the hop waits
    /// for none.
    Ask(Refresh, Redirect),
    /// Drain the redirect, and send the next hop, with whose credentials.
    Follow(Credentials, Redirect),
    /// Give the caller this answer, and what the session decided about it.
    Return(Option<Reason>),
    /// Tell the caller that there were too many redirects.
    TooMany,
}

/// Where a redirect leads, and what is left of the request for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Redirect {
    /// Whether the session's token may go there.
    pub target: TargetOrigin,
    /// What the next hop goes over.
    pub channel: Channel,
    /// What becomes of the headers that are for one origin.
    pub headers: Headers,
    /// What becomes of method and body.
    pub rewrite: Rewrite,
    /// Whether there is a body to send.
    pub body: BodyLeft,
}

impl Redirect {
    /// A redirect to this target.
    #[must_use]
    pub const fn new(
        target: TargetOrigin,
        channel: Channel,
        headers: Headers,
        rewrite: Rewrite,
        body: BodyLeft,
    ) -> Self {
        Self {
            target,
            channel,
            headers,
            rewrite,
            body,
        }
    }
}

/// Whose credentials a hop carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Credentials {
    /// The session's.
    Session,
    /// The caller's own, if any.
    Callers,
}

/// What a hop goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// `https`.
    Tls,
    /// `http`.
    Plain,
}

/// Whether the session's token may go to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TargetOrigin {
    /// It is among those of the session.
    Allowed,
    /// It is not.
    Foreign,
}

/// What becomes of the caller's headers that are for one origin: `Authorization`, `Cookie`,
/// `Proxy-Authorization`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Headers {
    /// They stay: the origin is the same.
    Kept,
    /// They go, and do not come back.
    Stripped,
}

/// Whether the body can be sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum BodyLeft {
    /// It can.
    There,
    /// It was consumed.
    Gone,
}

/// The one refresh that a request may have over all its hops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Refresh {
    /// It has had none.
    Left,
    /// It has had it.
    Spent,
}

impl Refresh {
    /// How the next hop enters, if its request can be sent this often. One that may wait for no
    /// refresh enters as if it could be sent again, so that no token is renewed for it.
    #[must_use]
    pub const fn enters(self, sendable: Sendable) -> Sendable {
        match self {
            Self::Left => sendable,
            Self::Spent => Sendable::Again,
        }
    }
}
