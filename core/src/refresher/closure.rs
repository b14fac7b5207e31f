//! A refresher from a closure.

use std::fmt;
use std::future::Future;

use async_trait::async_trait;

use super::{TokenCall, TokenRefresher};
use crate::{RefreshError, Spends, Token, TokenResponse};

/// A refresher from an async closure.
///
/// The closure gets the stale token, or `None` if the session began without one.
///
/// ```
/// use reauth::{RefreshError, SessionBuilder, Token, TokenResponse, Transport, refresher_fn};
///
/// # async fn read_secret() -> std::io::Result<String> {
/// #     Ok("a token".to_owned())
/// # }
/// # fn example<T: Transport>(builder: SessionBuilder<T>) -> SessionBuilder<T> {
/// builder.refresher(refresher_fn(|_stale: Option<Token>| async {
///     let token = read_secret().await.map_err(RefreshError::transient)?;
///     TokenResponse::new(token).map_err(RefreshError::misconfigured)
/// }))
/// # }
/// ```
pub fn refresher_fn<F, R>(refresh: F) -> RefresherFn<F>
where
    F: Fn(Option<Token>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<TokenResponse, RefreshError>> + Send,
{
    RefresherFn {
        refresh,
        spends: Spends::RefreshToken,
    }
}

/// A [`TokenRefresher`] over a closure, from [`refresher_fn`].
#[derive(Clone, Copy)]
pub struct RefresherFn<F> {
    refresh: F,
    spends: Spends,
}

impl<F> RefresherFn<F> {
    /// Sets what a call may cost if its response is lost: [`Spends::Nothing`] for a closure that
    /// can be called again, such as one that reads the token from a secret manager.
    #[must_use]
    pub fn spends(mut self, spends: Spends) -> Self {
        self.spends = spends;
        self
    }
}

#[async_trait]
impl<F, R> TokenRefresher for RefresherFn<F>
where
    F: Fn(Option<Token>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<TokenResponse, RefreshError>> + Send,
{
    async fn refresh(&self, call: &TokenCall<'_>) -> Result<TokenResponse, RefreshError> {
        (self.refresh)(call.stale().cloned()).await
    }

    fn spends(&self) -> Spends {
        self.spends
    }
}

impl<F> fmt::Debug for RefresherFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefresherFn").finish_non_exhaustive()
    }
}
