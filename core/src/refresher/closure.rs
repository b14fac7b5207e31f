//! A closure that trades a token.

use std::fmt;
use std::future::Future;

use async_trait::async_trait;

use super::TokenRefresher;
use crate::{RefreshError, Token, TokenResponse};

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
    RefresherFn(refresh)
}

/// A closure as a [`TokenRefresher`], from [`refresher_fn`].
#[derive(Clone, Copy)]
pub struct RefresherFn<F>(F);

#[async_trait]
impl<F, R> TokenRefresher for RefresherFn<F>
where
    F: Fn(Option<Token>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<TokenResponse, RefreshError>> + Send,
{
    async fn refresh(&self, stale: Option<&Token>) -> Result<TokenResponse, RefreshError> {
        (self.0)(stale.cloned()).await
    }
}

impl<F> fmt::Debug for RefresherFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefresherFn").finish_non_exhaustive()
    }
}
