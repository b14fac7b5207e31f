//! Why a session returned a response as it is.

use std::fmt;

/// Why the session returned a response without a replay or a further redirect.
///
/// It is in the extensions of the response. A response without a `Reason` is an ordinary one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The token was refused after the request's one refresh: the request was replayed with a newer
    /// token, or waited for one before it was sent.
    ///
    /// After one retry the response belongs to the user ([RFC 9110 §15.5.2]).
    ///
    /// [RFC 9110 §15.5.2]: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2
    RefusedAgain,
    /// The token was refused, or the response redirects with the body, but the request's body was
    /// already read.
    BodyNotReplayable,
    /// The token was refused, but [`replay_methods`](crate::SessionBuilder::replay_methods)
    /// excludes this method.
    MethodNotReplayed,
    /// The token was refused, but the session was signed in or out since the request was sent. The
    /// request is not replayed under another identity.
    Superseded,
    /// The token was refused, but the session reached its
    /// [`refresh_limit`](crate::SessionBuilder::refresh_limit).
    RefreshLimit,
    /// The token was refused right after a refresh, and no server has accepted it yet: the server
    /// may not know it yet, and another refresh would not help.
    TokenTooFresh,
    /// The token was refused, but the session has no refresh token, and its grant needs one.
    NotRefreshable,
    /// The token is valid, but its scope is too narrow, and a refresh cannot widen it. The
    /// extensions also hold an [`InsufficientScope`](crate::InsufficientScope).
    InsufficientScope,
    /// The user must authenticate again, which a refresh cannot do. The extensions also hold a
    /// [`StepUp`](crate::StepUp).
    StepUp,
    /// The server wants a nonce in the DPoP proof ([RFC 9449 §9]), and did not check the token.
    ///
    /// [RFC 9449 §9]: https://www.rfc-editor.org/rfc/rfc9449#section-9
    DpopNonce,
    /// All challenges are for schemes other than Bearer. If the server accepts bearer tokens
    /// nevertheless, set [`SessionBuilder::refused_when`](crate::SessionBuilder::refused_when).
    ForeignScheme,
    /// The response is a redirect without a usable `Location`: it is missing, repeated, neither
    /// `http` nor `https`, or has user information.
    UnusableLocation,
    /// The response redirects to an origin that needs a newer token, but the request has had its
    /// one refresh.
    RefreshSpent,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RefusedAgain => "the token was refused after the request's one refresh",
            Self::BodyNotReplayable => "the request's body cannot be sent twice",
            Self::MethodNotReplayed => "the setting replay_methods excludes the request's method",
            Self::Superseded => "the session was signed in or out since the request was sent",
            Self::RefreshLimit => "the session reached its refresh_limit",
            Self::TokenTooFresh => {
                "the token is new, and no server has accepted it yet: try again later"
            }
            Self::NotRefreshable => "the session has no refresh token: sign in again",
            Self::InsufficientScope => "the token's scope is too narrow: sign in for a wider one",
            Self::StepUp => "the user must authenticate again",
            Self::DpopNonce => "the server wants a nonce in the DPoP proof",
            Self::ForeignScheme => {
                "the server asks for a scheme other than Bearer: see SessionBuilder::refused_when"
            }
            Self::UnusableLocation => "the redirect has no usable Location",
            Self::RefreshSpent => {
                "the next hop needs a newer token, but the request has had its one refresh"
            }
        })
    }
}
