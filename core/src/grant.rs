//! How to ask for a token and read the answer, without sending anything.

#[cfg(feature = "json")]
mod answer;
#[cfg(feature = "json")]
mod codes;
#[cfg(feature = "json")]
mod endpoint;
mod error;
mod error_response;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "json")]
mod members;
#[cfg(feature = "oauth2")]
mod oauth2;
mod revocation;
#[cfg(feature = "json")]
mod sentences;
mod status;
#[cfg(feature = "json")]
mod words;

use bytes::Bytes;
use http::Uri;

#[cfg(feature = "json")]
pub use endpoint::InvalidEndpoint;
pub use error::{RefreshError, RefreshErrorKind};
pub use error_response::ErrorResponse;
#[cfg(feature = "json")]
pub use json::{JsonGrant, JsonNames};
#[cfg(feature = "oauth2")]
pub use oauth2::{OAuth2Client, OAuth2Grant, OAuth2Revocation};
pub use revocation::{Revocation, RevocationError};
pub use status::refused_by_status;

use crate::{Token, TokenResponse};

/// How to ask a token server for a token, and how to read its answer.
///
/// It is pure: a session sends the request over its transport, so each grant works with each
/// client. `GrantRefresher` does so without a session.
///
#[doc = include_str!("../docs/answers.md")]
pub trait Grant: Send + Sync + 'static {
    /// The request that trades this token for a newer one; for the first token of a session that
    /// began without one, `None`.
    ///
    /// A refresh token belongs into its body: where the client never asked for that, the session
    /// takes it for not sent.
    ///
    /// # Errors
    ///
    /// Where the token does not allow it, as one without a refresh token. Nothing was sent then.
    fn request(&self, stale: Option<&Token>) -> Result<http::Request<Bytes>, RefreshError>;

    /// What the answer says. Its body is cut at 64 KiB.
    ///
    /// It must not echo what the server wrote: an error may end in a log.
    ///
    /// # Errors
    ///
    /// Any answer that brings no token; [`refused_by_status`] classes those of HTTP.
    fn response(&self, response: &http::Response<Bytes>) -> Result<TokenResponse, RefreshError>;

    /// Whether so much of the body says all that [`response`](Self::response) reads: a session then
    /// does not depend on what comes behind it, which may break or never end. By default no part
    /// does, and the body is read to its end.
    fn is_whole(&self, body: &[u8]) -> bool {
        _ = body;
        false
    }

    /// Whether there is a way from this token to a newer one: `false` where
    /// [`request`](Self::request) fails, as without a refresh token. By default there is.
    fn can_refresh(&self, stale: Option<&Token>) -> bool {
        _ = stale;
        true
    }

    /// The endpoint that it asks, where that is always the same.
    fn endpoint(&self) -> Option<Uri> {
        None
    }

    /// What a call may cost where its answer is lost. By default a refresh token.
    fn spends(&self) -> Spends {
        Spends::RefreshToken
    }
}

/// What a token call may cost where its answer is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Spends {
    /// A refresh token, which may be good for one use.
    RefreshToken,
    /// Nothing: it can be asked again with what it was asked with, such as a client's secret.
    Nothing,
}

/// One that is chosen at run time.
impl<G: Grant + ?Sized> Grant for Box<G> {
    fn request(&self, stale: Option<&Token>) -> Result<http::Request<Bytes>, RefreshError> {
        (**self).request(stale)
    }

    fn response(&self, response: &http::Response<Bytes>) -> Result<TokenResponse, RefreshError> {
        (**self).response(response)
    }

    fn is_whole(&self, body: &[u8]) -> bool {
        (**self).is_whole(body)
    }

    fn can_refresh(&self, stale: Option<&Token>) -> bool {
        (**self).can_refresh(stale)
    }

    fn endpoint(&self) -> Option<Uri> {
        (**self).endpoint()
    }

    fn spends(&self) -> Spends {
        (**self).spends()
    }
}

#[cfg(all(test, feature = "oauth2"))]
mod tests;
