//! How a session gets a new token: by a grant over a transport, a closure, or any other means.

mod call;
mod closure;
mod grant;
mod watched;

use async_trait::async_trait;
pub(crate) use call::Abandoned;
pub use call::TokenCall;
pub use closure::{RefresherFn, refresher_fn};
pub use grant::GrantRefresher;

use crate::{RefreshError, Spends, Token, TokenResponse};

/// Gets a newer token, by any means.
///
/// Most sessions need no implementation of their own: a [`Grant`](crate::Grant) becomes a
/// [`GrantRefresher`], and a closure becomes one with [`refresher_fn`].
///
/// The session calls it once for each refresh. It calls it again if the first call spent nothing
/// ([`refresh_retries`](crate::SessionBuilder::refresh_retries)) or if the token cannot be used any
/// more ([`TokenUse`](crate::TokenUse)). One deadline bounds all calls of a refresh. Calls do not
/// overlap, except that after a sign-in or sign-out the last call for the previous token may still
/// run.
///
/// A refresher must not send requests through its own session, which would wait for itself. Such a
/// request fails with
/// [`ErrorKind::RefreshMisconfigured`](crate::ErrorKind::RefreshMisconfigured).
#[async_trait]
pub trait TokenRefresher: Send + Sync + 'static {
    /// Gets a newer token for the token of this call.
    ///
    /// # Errors
    ///
    /// A [`RefreshError`], whose kind decides what the session does next. In doubt, return
    /// [`unknown`](RefreshError::unknown).
    ///
    /// # Cancel safety
    ///
    /// The session drops the future at the refresh deadline. The outcome then counts as unknown,
    /// unless the call spends nothing or [has not begun](TokenCall::hold) to send.
    async fn refresh(&self, call: &TokenCall<'_>) -> Result<TokenResponse, RefreshError>;

    /// Whether it can get a newer token for this one; `None` is for a session that began without a
    /// token. If `false`, the session does not refresh, and the caller gets the 401. The default is
    /// `true`.
    fn can_refresh(&self, stale: Option<&Token>) -> bool {
        _ = stale;
        true
    }

    /// Checks that its client can reach the token endpoint, for example that it has TLS. Called
    /// when the session is built. The default is `Ok`.
    ///
    /// # Errors
    ///
    /// What to do, such as the feature to add.
    fn supported(&self) -> Result<(), &'static str> {
        Ok(())
    }

    /// What a call may cost if its response is lost or it panics. The default is the refresh token.
    /// A call for a token without a refresh token spends nothing in any case.
    fn spends(&self) -> Spends {
        Spends::RefreshToken
    }
}
