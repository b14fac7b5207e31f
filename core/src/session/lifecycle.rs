//! Signing in and out, and closing a session.

use super::Session;
use crate::{Error, Token, Transport};

impl<T: Transport> Session<T> {
    /// Signs in: replaces the session's token, and saves the new one.
    ///
    /// This is a fence: the result of a refresh in progress is discarded, and a request that
    /// carried the old token is never replayed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store did not save the token within a fifth of the refresh
    /// timeout. The session uses the token nevertheless. The save is tried again soon, at the next
    /// refresh, and in [`close`](Self::close).
    /// [`ErrorKind::Superseded`](crate::ErrorKind::Superseded) if another session that shares the
    /// store was signed in or out at the same time: its sign-in or sign-out is in force.
    ///
    /// # Cancel safety
    ///
    /// The token is in force from the first poll. If the future is dropped, the token is saved at
    /// the next refresh or in [`close`](Self::close).
    pub async fn replace(&self, token: Token) -> Result<(), Error> {
        self.driver.tokens.fence(Some(token)).await
    }

    /// Signs out: removes the token from the session and from the store.
    ///
    /// This is a fence, as [`replace`](Self::replace) is. With a [`Revocation`], the token is also
    /// revoked ([RFC 7009]), within 5 seconds. Whether that worked is an
    /// [event](crate::EventKind::Revoked) and not an error. A refresh in progress may have obtained
    /// a token that the session never sees; servers revoke it together with the old one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store did not erase the token in time, and
    /// [`ErrorKind::Superseded`](crate::ErrorKind::Superseded), as in [`replace`](Self::replace).
    ///
    /// # Cancel safety
    ///
    /// The session is signed out from the first poll; see [`replace`](Self::replace). If the future
    /// is dropped, the token may not be revoked.
    ///
    /// [`Revocation`]: crate::Revocation
    /// [RFC 7009]: https://www.rfc-editor.org/rfc/rfc7009
    pub async fn sign_out(&self) -> Result<(), Error> {
        self.driver.tokens.fence(None).await
    }

    /// Waits for a refresh in progress, and saves what the store does not have yet.
    ///
    /// Call it before the process ends. The session can still be used afterwards.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store failed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: it can be called again.
    pub async fn close(&self) -> Result<(), Error> {
        self.driver.tokens.close().await
    }
}
