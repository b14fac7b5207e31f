//! A closure that trades a token.

use std::fmt;
use std::future::Future;

use async_trait::async_trait;

use super::{TokenCall, TokenRefresher};
use crate::{RefreshError, Spends, Token, TokenResponse};

/// A refresher from a closure that returns a future.
///
/// It gets the stale token by value, and none where the session began without one.
///
/// ```
/// use reauth::{RefreshError, SessionBuilder, Token, TokenResponse, Transport, refresher_fn};
///
/// # async fn ask_the_vault() -> std::io::Result<String> {
/// #     Ok("a token".to_owned())
/// # }
/// # fn example<T: Transport>(builder: SessionBuilder<T>) -> SessionBuilder<T> {
/// builder.refresher(refresher_fn(|_stale: Option<Token>| async {
///     let token = ask_the_vault().await.map_err(RefreshError::transient)?;
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

/// A closure as a [`TokenRefresher`], from [`refresher_fn`].
#[derive(Clone, Copy)]
pub struct RefresherFn<F> {
    refresh: F,
    spends: Spends,
}

impl<F> RefresherFn<F> {
    /// What a call may cost where its answer is lost: [`Spends::Nothing`] for a closure that can
    /// be asked again, as one that reads a token from a service beside the application.
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
