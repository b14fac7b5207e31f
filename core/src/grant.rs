//! Token requests and their responses, without sending anything.

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

/// Builds the request for a new token, and reads the response of the token server.
///
/// A grant does no IO: the session sends the request over its transport, so every grant works with
/// every client. `JsonGrant` and `OAuth2Grant` cover most servers. `GrantRefresher` sends a grant's
/// request without a session.
///
/// # Example
///
/// A server that takes the refresh token as plain text, and answers with an access token and a
/// refresh token, one per line:
///
/// ```
/// use bytes::Bytes;
/// use reauth::http::{Request, Response};
/// use reauth::{Grant, RefreshError, Token, TokenResponse, refused_by_status};
///
/// struct LinesGrant;
///
/// impl Grant for LinesGrant {
///     fn request(&self, stale: Option<&Token>) -> Result<Request<Bytes>, RefreshError> {
///         let refresh_token = stale
///             .and_then(Token::refresh_token)
///             .ok_or_else(|| RefreshError::refused("the session has no refresh token"))?;
///         let body = Bytes::from(refresh_token.to_owned());
///         Request::post("https://auth.example.com/refresh")
///             .header("content-type", "text/plain")
///             .body(body)
///             .map_err(RefreshError::misconfigured)
///     }
///
///     fn response(&self, response: &Response<Bytes>) -> Result<TokenResponse, RefreshError> {
///         if !response.status().is_success() {
///             return Err(refused_by_status(response));
///         }
///         // From here on the old refresh token may be spent: every error is `unknown`.
///         let text = std::str::from_utf8(response.body()).map_err(RefreshError::unknown)?;
///         let mut lines = text.lines();
///         let access_token = lines.next().unwrap_or_default();
///         let refresh_token = lines.next().unwrap_or_default();
///         let token = TokenResponse::new(access_token).map_err(RefreshError::unknown)?;
///         Ok(token.with_refresh_token(refresh_token))
///     }
///
///     fn can_refresh(&self, stale: Option<&Token>) -> bool {
///         stale.and_then(Token::refresh_token).is_some()
///     }
/// }
///
/// let response = Response::new(Bytes::from("a2\nr2\n"));
/// let token = LinesGrant.response(&response)?;
/// assert_eq!((token.access_token(), token.refresh_token()), ("a2", Some("r2")));
/// # Ok::<(), RefreshError>(())
/// ```
///
#[doc = include_str!("../docs/answers.md")]
pub trait Grant: Send + Sync + 'static {
    /// Builds the request for a token that replaces this one; `None` is for the first token of a
    /// session that began without one.
    ///
    /// Put the refresh token into the body: if the client fails before it reads the body, the
    /// session knows that the refresh token was not sent.
    ///
    /// # Errors
    ///
    /// If this token cannot be refreshed, for example without a refresh token. Nothing is sent.
    fn request(&self, stale: Option<&Token>) -> Result<http::Request<Bytes>, RefreshError>;

    /// Reads the response. Its body is at most 64 KiB: longer bodies are cut off.
    ///
    /// Errors must not repeat what the server wrote: they may end in a log.
    ///
    /// # Errors
    ///
    /// If the response has no token. [`refused_by_status`] classifies it by its status.
    fn response(&self, response: &http::Response<Bytes>) -> Result<TokenResponse, RefreshError>;

    /// Whether this beginning of the body holds all that [`response`](Self::response) needs. The
    /// session then ignores what follows, even a broken connection. The default is `false`: the
    /// body is read to its end.
    fn is_whole(&self, body: &[u8]) -> bool {
        _ = body;
        false
    }

    /// Whether [`request`](Self::request) can build a request for this token: `false` if, for
    /// example, it needs a refresh token and there is none. The default is `true`.
    fn can_refresh(&self, stale: Option<&Token>) -> bool {
        _ = stale;
        true
    }

    /// The token endpoint, if it is always the same. The session checks when it is built that the
    /// client supports its scheme.
    fn endpoint(&self) -> Option<Uri> {
        None
    }

    /// What a call may cost if its response is lost. The default is a refresh token.
    fn spends(&self) -> Spends {
        Spends::RefreshToken
    }
}

/// What a token request may cost if its response is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Spends {
    /// A refresh token, which may be valid for one use only.
    RefreshToken,
    /// Nothing: the same request can be sent again, for example with a client's secret.
    Nothing,
}

/// For a grant that is chosen at run time.
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
