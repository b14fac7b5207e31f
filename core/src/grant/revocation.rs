//! Token revocation, without sending anything.

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use crate::Token;

/// Builds the request that revokes a token ([RFC 7009]) and reads its response, for a session that
/// signs out.
///
/// It does no IO, like a [`Grant`](crate::Grant).
///
/// [RFC 7009]: https://www.rfc-editor.org/rfc/rfc7009
pub trait Revocation: Send + Sync + 'static {
    /// The request that revokes this token. It should revoke the refresh token if there is one,
    /// since the access tokens of the same sign-in are then revoked too.
    fn request(&self, token: &Token) -> Request<Bytes>;

    /// Reads the response. By default 200 means that the token is revoked or was invalid
    /// ([RFC 7009 §2.2]).
    ///
    /// # Errors
    ///
    /// Any other response.
    ///
    /// [RFC 7009 §2.2]: https://www.rfc-editor.org/rfc/rfc7009#section-2.2
    fn response(&self, response: &Response<Bytes>) -> Result<(), RevocationError> {
        match response.status() {
            StatusCode::OK => Ok(()),
            status => Err(RevocationError::new(format!(
                "the revocation endpoint answered {status}"
            ))),
        }
    }
}

/// A revocation failed: the token may still be valid.
#[derive(Debug)]
pub struct RevocationError(Box<dyn Error + Send + Sync>);

impl RevocationError {
    /// An error with this source, which must hold no token and nothing that the server wrote.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for RevocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the revocation failed, and the token may still be valid")
    }
}

impl Error for RevocationError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
