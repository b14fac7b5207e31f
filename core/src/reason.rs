//! Why an answer is returned as it is.

use std::fmt;

/// What the session decided about an answer that it returns.
///
/// It stands in the extensions of the response. A response without one is what the server says,
/// to the first attempt or to its replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The token was refused, and the request has had its one refresh: it was sent again with a
    /// newer token, or waited for one before it was sent.
    ///
    /// A user agent that has tried once presents the answer ([RFC 9110 §15.5.2]).
    ///
    /// [RFC 9110 §15.5.2]: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2
    RefusedAgain,
    /// The token was refused, or the answer redirects with the body, and the request's body was
    /// consumed.
    BodyNotReplayable,
    /// The token was refused, and the session sends only idempotent methods again.
    MethodNotReplayed,
    /// The request was signed before the last sign-in or sign-out: it is never replayed under
    /// another identity.
    Superseded,
    /// The token was refused, and the session has refreshed as often as its limit allows.
    RefreshLimit,
    /// The token was refused right after a refresh brought it, and no server has accepted it yet:
    /// this one may not know it. To trade it at once would bring another of the kind.
    TokenTooFresh,
    /// The token was refused, and there is no way to a newer one: the session has no refresh token,
    /// and its grant needs one.
    NotRefreshable,
    /// The token is good, and does not reach so far: an
    /// [`InsufficientScope`](crate::InsufficientScope) stands beside this. No refresh widens it.
    InsufficientScope,
    /// The user must authenticate anew: a [`StepUp`](crate::StepUp) stands beside this. No refresh
    /// does that.
    StepUp,
    /// The server wants a nonce in a proof of possession ([RFC 9449 §9]), and did not judge the
    /// token.
    ///
    /// [RFC 9449 §9]: https://www.rfc-editor.org/rfc/rfc9449#section-9
    DpopNonce,
    /// The server asks for other schemes than Bearer alone. Where it takes bearer tokens all the
    /// same, [`SessionBuilder::refused_when`](crate::SessionBuilder::refused_when) says so.
    ForeignScheme,
    /// The answer redirects to where no request goes: it has no `Location` or more than one, or
    /// one that is no reference to `http` or `https`, or that has user information.
    UnusableLocation,
    /// The answer redirects to where a newer token is needed, and the request has had its one
    /// refresh.
    RefreshSpent,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RefusedAgain => "the token was refused after the request's one refresh",
            Self::BodyNotReplayable => "the request's body cannot be sent twice",
            Self::MethodNotReplayed => "the session sends only idempotent methods again",
            Self::Superseded => "the session was signed in or out since the request was sent",
            Self::RefreshLimit => "the session has refreshed as often as its limit allows",
            Self::TokenTooFresh => "the token is new, and no server has accepted it yet",
            Self::NotRefreshable => "the session has nothing to trade for a newer token",
            Self::InsufficientScope => "the token's scope does not reach so far",
            Self::StepUp => "the user must authenticate anew",
            Self::DpopNonce => "the server wants a nonce in a proof of possession",
            Self::ForeignScheme => "the server asks for another scheme than Bearer",
            Self::UnusableLocation => "the answer redirects to where no request goes",
            Self::RefreshSpent => "the next hop needs another refresh than the request's one",
        })
    }
}
