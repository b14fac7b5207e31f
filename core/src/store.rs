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
/// overlap. Several sessions may share a store: a save or an erase succeeds only if the version is
/// still the one that the session saw last.
///
/// If a store saves the parts of a token, it must save all of them, [`Token::extras`] too. If the
/// access token is empty, [`Token::from_refresh_token`] restores the token.
///
/// # Example
///
/// A store in memory; one over a file or a database row has the same three steps:
///
/// ```
/// use std::sync::{Mutex, PoisonError};
/// use reauth::store::{Erased, Saved, StoreError, Stored, TokenStore, Version};
/// use reauth::{Token, async_trait};
///
/// #[derive(Default)]
/// struct OneToken(Mutex<Content>);
///
/// #[derive(Default)]
/// struct Content {
///     stored: Option<Stored>,
///     last_version: u64,
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
///         token: &Token,
///     ) -> Result<Saved, StoreError> {
///         let mut content = self.0.lock().unwrap_or_else(PoisonError::into_inner);
///         if content.stored.as_ref().map(|stored| stored.version) != expected {
///             return Ok(Saved::Conflict(content.stored.clone()));
///         }
///         // Never reuse a version, not even after an erase.
///         content.last_version += 1;
///         let version = Version(content.last_version);
///         let token = token.clone();
///         content.stored = Some(Stored { token, version });
///         Ok(Saved::Kept(version))
///     }
///
///     async fn erase_if(&self, expected: Version) -> Result<Erased, StoreError> {
///         let mut content = self.0.lock().unwrap_or_else(PoisonError::into_inner);
///         match &content.stored {
///             Some(stored) if stored.version != expected => {
///                 Ok(Erased::Conflict(stored.clone()))
///             }
///             _ => {
///                 content.stored = None;
///                 Ok(Erased::Gone)
///             }
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait TokenStore: Send + Sync + 'static {
    /// Loads the token and its version; `None` if the store is empty.
    ///
    /// The session does not load while one of its own saves or erases is pending: what it holds is
    /// then newer.
    ///
    /// # Errors
    ///
    /// If the store cannot be read. The session then does not refresh: another session may have
    /// used the refresh token.
    async fn load(&self) -> Result<Option<Stored>, StoreError>;

    /// Saves the token if the store has the expected version; `None` expects an empty store.
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
    async fn save_if(&self, expected: Option<Version>, token: &Token) -> Result<Saved, StoreError>;

    /// Erases the token if the store has the expected version.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    async fn erase_if(&self, expected: Version) -> Result<Erased, StoreError>;
}

#[async_trait]
impl<S: TokenStore + ?Sized> TokenStore for Arc<S> {
    async fn load(&self) -> Result<Option<Stored>, StoreError> {
        (**self).load().await
    }

    async fn save_if(&self, expected: Option<Version>, token: &Token) -> Result<Saved, StoreError> {
        (**self).save_if(expected, token).await
    }

    async fn erase_if(&self, expected: Version) -> Result<Erased, StoreError> {
        (**self).erase_if(expected).await
    }
}

/// A token and its version in the store.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The token.
    pub token: Token,
    /// Its version, a new one after each save.
    pub version: Version,
}

/// The outcome of [`save_if`](TokenStore::save_if).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Saved {
    /// The token was saved, with this version.
    Kept(Version),
    /// The store had another version than expected. It is unchanged.
    Conflict(Option<Stored>),
}

/// The outcome of [`erase_if`](TokenStore::erase_if).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Erased {
    /// The store is empty.
    Gone,
    /// The store had another version than expected. It is unchanged.
    Conflict(Stored),
}
