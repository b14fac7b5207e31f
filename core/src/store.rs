//! Stores, which keep a token beyond the process.

mod failure;
mod memory;

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;

pub use failure::StoreFailure;
pub use memory::MemoryStore;

use crate::Token;
pub use crate::machine::Version;

/// The error of a store.
pub type StoreError = Box<dyn Error + Send + Sync>;

/// Keeps one token, with a version that changes with every save.
///
/// A session saves each new token, and loads the token before each refresh. Its calls do not
/// overlap. Several sessions may share a store: a save succeeds only if the version is still the
/// one that the session saw last. A sign-out is a save too, of no token, so that it has a version:
/// a save of the session's own that was given up, and arrives after the sign-out, then fails.
///
/// If a store saves the parts of a token, it must save all of them, [`Token::extras`] too. If the
/// access token is empty, [`Token::from_refresh_token`] restores the token.
///
/// # Example
///
/// A store in memory; one over a file or a database row has the same two steps:
///
/// ```
/// use std::sync::{Mutex, PoisonError};
/// use reauth::store::{Saved, StoreError, Stored, TokenStore, Version};
/// use reauth::{Token, async_trait};
///
/// #[derive(Default)]
/// struct OneToken(Mutex<Content>);
///
/// #[derive(Default)]
/// struct Content {
///     stored: Option<Stored>,
/// }
///
/// #[async_trait]
/// impl TokenStore for OneToken {
///     async fn load(&self) -> Result<Option<Stored>, StoreError> {
///         let content = self.0.lock().unwrap_or_else(PoisonError::into_inner);
///         Ok(content.stored.clone())
///     }
///
///     async fn save_if(
///         &self,
///         expected: Option<Version>,
///         token: Option<&Token>,
///     ) -> Result<Saved, StoreError> {
///         let mut content = self.0.lock().unwrap_or_else(PoisonError::into_inner);
///         let stored = content.stored.as_ref().map(|stored| stored.version);
///         if stored != expected {
///             return Ok(Saved::Conflict(content.stored.clone()));
///         }
///         // A version is never used again.
///         let version = Version(expected.map_or(1, |Version(last)| last + 1));
///         let token = token.cloned();
///         content.stored = Some(Stored { token, version });
///         Ok(Saved::Kept(version))
///     }
/// }
/// ```
#[async_trait]
pub trait TokenStore: Send + Sync + 'static {
    /// Loads the token and its version; `None` if nothing was ever saved.
    ///
    /// The session does not load while one of its own saves is pending: what it holds is then
    /// newer.
    ///
    /// # Errors
    ///
    /// If the store cannot be read. The session then does not refresh: another session may have
    /// used the refresh token.
    async fn load(&self) -> Result<Option<Stored>, StoreError>;

    /// Saves the token if the store has the expected version; `None` expects that nothing was ever
    /// saved. If there is no token, the session is signed out: erase the old one, and keep the
    /// version.
    ///
    /// The comparison and the write must be one atomic step.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    ///
    /// # Cancel safety
    ///
    /// The session may drop the future at a deadline. Whether the token was saved is then unknown.
    async fn save_if(
        &self,
        expected: Option<Version>,
        token: Option<&Token>,
    ) -> Result<Saved, StoreError>;
}

#[async_trait]
impl<S: TokenStore + ?Sized> TokenStore for Arc<S> {
    async fn load(&self) -> Result<Option<Stored>, StoreError> {
        (**self).load().await
    }

    async fn save_if(
        &self,
        expected: Option<Version>,
        token: Option<&Token>,
    ) -> Result<Saved, StoreError> {
        (**self).save_if(expected, token).await
    }
}

/// What a store has.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The token; `None` after a sign-out.
    pub token: Option<Token>,
    /// Its version: a new one after each save, which no other save of this store ever had.
    pub version: Version,
}

/// The outcome of [`save_if`](TokenStore::save_if).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Saved {
    /// The token, or the sign-out, was saved, with this version.
    Kept(Version),
    /// The store had another version than expected. It is unchanged.
    Conflict(Option<Stored>),
}
