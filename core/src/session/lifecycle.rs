//! Signing in and out, and closing a session.

use super::Session;
use crate::store::StoreFailure;
use crate::{Error, ErrorKind, Token, Transport};

impl<T: Transport> Session<T> {
    /// Signs in: this token takes the place of the session's, whatever that was.
    ///
    /// A fence: a refresh that was up is not published, and a request that was signed before is
    /// never replayed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`] where the store did not take it within a fifth of the refresh
    /// timeout. The session goes on with the token all the same, and tries the store again at
    /// the next refresh and in [`close`](Self::close).
    ///
    /// # Cancel safety
    ///
    /// The token is in force from the first poll. Dropping the future leaves the store to the
    /// next refresh, or to [`close`](Self::close).
    pub async fn replace(&self, token: Token) -> Result<(), Error> {
        self.driver
            .tokens
            .fence(Some(token))
            .await
            .map_err(in_store)
    }

    /// Signs out: the session has no token from now on, and the store keeps none.
    ///
    /// A fence, as [`replace`](Self::replace) is. Where there is a [`Revocation`] the token server
    /// hears of it too ([RFC 7009]), as well as can be: for at most 5 seconds, and whether it did
    /// is an [event](crate::EventKind::Revoked) and no error. A refresh that was up may have
    /// new a token that nobody knows; a server revokes it with the one before.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`] where the store did not erase it in time, as in
    /// [`replace`](Self::replace).
    ///
    /// # Cancel safety
    ///
    /// The session is signed out from the first poll; see [`replace`](Self::replace). Dropping the
    /// future may leave the token good at its server.
    ///
    /// [`Revocation`]: crate::Revocation
    /// [RFC 7009]: https://www.rfc-editor.org/rfc/rfc7009
    pub async fn sign_out(&self) -> Result<(), Error> {
        self.driver.tokens.fence(None).await.map_err(in_store)
    }

    /// Sees a refresh that departed, and a save that is due, through to the end.
    ///
    /// To be called before the process ends; a session can be used after it all the same.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`] where a token could not be kept.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: it can be called again.
    pub async fn close(&self) -> Result<(), Error> {
        self.driver.tokens.close().await.map_err(in_store)
    }
}

fn in_store(error: StoreFailure) -> Error {
    Error::new(ErrorKind::Store).because(error)
}
