//! Where a token is kept while nobody holds it.

mod failure;
mod memory;

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;

pub use failure::StoreFailure;
pub use memory::MemoryStore;

use crate::Token;
pub use crate::machine::Version;

/// What a store can fail with.
pub type StoreError = Box<dyn Error + Send + Sync>;

/// Keeps one session's token, and tells who changed it.
///
/// A store that keeps the parts of a token keeps all of them, [`Token::extras`] too. Where the access
/// token is empty, [`Token::from_refresh_token`] makes it again.
///
/// The store calls of one session run one after another. Several sessions may share a store:
/// a version tells each of them that another one was there.
#[async_trait]
pub trait TokenStore: Send + Sync + 'static {
    /// What is kept.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read. The session refreshes nothing then: somebody else may
    /// have spent the refresh token. It is not read while it does not take what it is owed: that
    /// is newer than what it has.
    async fn load(&self) -> Result<Option<Stored>, StoreError>;

    /// Keeps a token in the place of the version that was expected there; `None` expects nothing.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at a deadline; whether the token was kept is unknown then.
    async fn save_if(&self, expected: Option<Version>, token: &Token) -> Result<Saved, StoreError>;

    /// Erases the version that was expected.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
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

/// A token as it was kept.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The token.
    pub token: Token,
    /// Its version: another one after each change.
    pub version: Version,
}

/// What became of a [`save_if`](TokenStore::save_if).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Saved {
    /// The token is kept, under this version.
    Kept(Version),
    /// Something else than expected was there, and still is.
    Conflict(Option<Stored>),
}

/// What became of an [`erase_if`](TokenStore::erase_if).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Erased {
    /// Nothing is kept.
    Gone,
    /// Something else than expected was there, and still is.
    Conflict(Stored),
}
