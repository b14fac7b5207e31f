//! How a session gets a token: by any means, by a closure, or by a grant over a transport.

mod closure;
mod grant;

use async_trait::async_trait;
pub use closure::{RefresherFn, refresher_fn};
pub use grant::GrantRefresher;

use crate::{RefreshError, Spends, Token, TokenResponse};

/// Trades a token for a newer one, by any means.
///
/// A [`GrantRefresher`] is one, and so is a closure: [`refresher_fn`].
///
/// A session calls it once for each refresh, and again only after a
/// [`transient`](RefreshError::transient) error
/// ([`refresh_retries`](crate::SessionBuilder::refresh_retries)); never twice at a time, and with
/// a deadline for all of it. It must not send through the session that it serves: it would wait
/// for itself, and gets
/// [`ErrorKind::RefreshMisconfigured`](crate::ErrorKind::RefreshMisconfigured) in its place.
#[async_trait]
pub trait TokenRefresher: Send + Sync + 'static {
    /// Trades this token for a newer one; for the first token of a session that began without
    /// one ([`SessionBuilder::without_token`](crate::SessionBuilder::without_token)), `None`.
    ///
    /// # Errors
    ///
    /// [`RefreshError`], whose kind decides what may be done next: where in doubt,
    /// [`unknown`](RefreshError::unknown).
    ///
    /// # Cancel safety
    ///
    /// It is dropped at the session's refresh deadline; the outcome counts as unknown then.
    async fn refresh(&self, stale: Option<&Token>) -> Result<TokenResponse, RefreshError>;

    /// What a call may cost where its answer is lost. By default a refresh token.
    fn spends(&self) -> Spends {
        Spends::RefreshToken
    }
}
