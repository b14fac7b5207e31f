//! How to tell a token server that a token is of no use any more, without sending anything.

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use crate::Token;

/// How to ask a token server to revoke a token ([RFC 7009]), for a session that signs out.
///
/// It is pure, as a [`Grant`](crate::Grant) is.
///
/// [RFC 7009]: https://www.rfc-editor.org/rfc/rfc7009
pub trait Revocation: Send + Sync + 'static {
    /// The request that revokes this token: its refresh token, where it has one, since that takes
    /// the access tokens of the same sign-in along.
    fn request(&self, token: &Token) -> Request<Bytes>;

    /// What the answer says. By default 200 means that the token is revoked, or was none
    /// ([RFC 7009 §2.2]).
    ///
    /// # Errors
    ///
    /// Any other answer.
    ///
    /// [RFC 7009 §2.2]: https://www.rfc-editor.org/rfc/rfc7009#section-2.2
    fn response(&self, response: &Response<Bytes>) -> Result<(), RevocationError> {
        match response.status() {
            StatusCode::OK => Ok(()),
            status => Err(RevocationError::new(format!(
                "the server answered {status}"
            ))),
        }
    }
}

/// Why a token may still be good at its server.
#[derive(Debug)]
pub struct RevocationError(Box<dyn Error + Send + Sync>);

impl RevocationError {
    /// For this reason, which must hold no token, and nothing that the server wrote.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for RevocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token may not be revoked")
    }
}

impl Error for RevocationError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
