//! How a session gets a token: by any means, by a closure, or by a grant over a transport.

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

/// Trades a token for a newer one, by any means.
///
/// A [`GrantRefresher`] is one, and so is a closure: [`refresher_fn`].
///
/// A session calls it once for each refresh, and again where that cost nothing
/// ([`refresh_retries`](crate::SessionBuilder::refresh_retries)) or where nothing is left to lose
/// ([`TokenUse`](crate::TokenUse)), with a deadline for all of it. It makes one call at a time for
/// one sign-in. After a sign-in or sign-out the call for the token before may still be under way
/// while the next one begins.
///
/// It must not send through the session that it serves: it would wait for itself, and gets
/// [`ErrorKind::RefreshMisconfigured`](crate::ErrorKind::RefreshMisconfigured) in its place.
#[async_trait]
pub trait TokenRefresher: Send + Sync + 'static {
    /// Trades the token of this call for a newer one.
    ///
    /// # Errors
    ///
    /// [`RefreshError`], whose kind decides what may be done next: where in doubt,
    /// [`unknown`](RefreshError::unknown).
    ///
    /// # Cancel safety
    ///
    /// It is dropped at the session's refresh deadline. The outcome counts as unknown then, unless
    /// the call spends nothing or [has not begun](TokenCall::hold) to send.
    async fn refresh(&self, call: &TokenCall<'_>) -> Result<TokenResponse, RefreshError>;

    /// Whether there is a way from this token to a newer one; `None` where the session began without
    /// a token. By default there is. Where there is none the session asks for none: a 401 is the
    /// caller's.
    fn can_refresh(&self, stale: Option<&Token>) -> bool {
        _ = stale;
        true
    }

    /// Whether it can ask for a token at all, as its client was built. A session asks when it is
    /// built. By default it can.
    ///
    /// # Errors
    ///
    /// What to do about it, such as the feature to add.
    fn supported(&self) -> Result<(), &'static str> {
        Ok(())
    }

    /// What a call may cost where its answer is lost, or where it panics. By default the refresh
    /// token; nothing where the token has none.
    fn spends(&self) -> Spends {
        Spends::RefreshToken
    }
}
