//! The inputs and actions of a [`RedirectMachine`](super::RedirectMachine).

use super::Rewrite;
use crate::Reason;
use crate::machine::{Sendable, TokenStatus};

/// What happened, reported by the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Input {
    /// The request begins, with these credentials, over this channel.
    Start(Credentials, Channel),
    /// The hop's token is refused or stale, and its machine asks for a newer one.
    Refreshing,
    /// The hop got a response that is not followed, or it failed.
    Answered,
    /// The hop was redirected, but its `Location` is unusable: there is none or more than one, it
    /// is not a reference to an `http` or `https` URL, or it has user information.
    Misdirected,
    /// The hop was redirected.
    Redirected(Redirect),
    /// The session has this token for the next hop.
    Token(TokenStatus),
    /// The session was signed in or out since the request was signed.
    Superseded,
}

/// What the driver does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "an action that is not performed leaves its request without an answer"]
#[non_exhaustive]
pub enum Action {
    /// Send the first hop, with these credentials.
    Send(Credentials),
    /// Go on with the refresh: it is the request's only one.
    Continue,
    /// Ask the session for a token for the next hop. If the refresh is spent, the hop cannot wait
    /// for another one.
    Ask(RefreshBudget, Redirect),
    /// Drain the redirect, and send the next hop, with these credentials.
    Follow(Credentials, Redirect),
    /// Return the response to the caller, with the session's reason if there is one.
    Return(Option<Reason>),
    /// Fail the request with too many redirects.
    TooMany,
}

/// The target of a redirect, and what the next hop keeps of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Redirect {
    /// Whether the session's token may go there.
    pub target: TargetOrigin,
    /// The channel of the next hop.
    pub channel: Channel,
    /// Whether the headers that are meant for one origin stay.
    pub headers: Headers,
    /// Whether method and body stay.
    pub rewrite: Rewrite,
    /// Whether the body can be sent again.
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

/// Whether a hop goes over TLS.
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
    /// It may: the origin is one of the session's.
    Allowed,
    /// It may not: the origin is foreign.
    Foreign,
}

/// Whether the caller's headers that are meant for one origin stay: `Authorization`, `Cookie` and
/// `Proxy-Authorization`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Headers {
    /// They stay: the origin is the same.
    Kept,
    /// They are removed, and are not restored by a later hop.
    Stripped,
}

/// Whether the body can be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum BodyLeft {
    /// It can.
    There,
    /// It was consumed.
    Gone,
}

/// Whether a request still has its one refresh, over all its hops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RefreshBudget {
    /// It has not refreshed yet.
    Left,
    /// It has refreshed.
    Spent,
}

impl RefreshBudget {
    /// How the next hop of a request that is `sendable` enters.
    ///
    /// With the refresh spent, the hop enters as if it could be sent again, so that it waits for no
    /// renewal.
    #[must_use]
    pub const fn enters(self, sendable: Sendable) -> Sendable {
        match self {
            Self::Left => sendable,
            Self::Spent => Sendable::Again,
        }
    }
}
