//! A store in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{Saved, StoreError, Stored, TokenStore, Version};
use crate::Token;

/// Keeps the token in memory, to share it among several sessions of one process.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    stored: Option<Stored>,
    versions: u64,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TokenStore for MemoryStore {
    async fn load(&self) -> Result<Option<Stored>, StoreError> {
        Ok(self.kept().stored.clone())
    }

    async fn save_if(
        &self,
        expected: Option<Version>,
        token: Option<&Token>,
    ) -> Result<Saved, StoreError> {
        let mut kept = self.kept();
        if kept.stored.as_ref().map(|stored| stored.version) != expected {
            return Ok(Saved::Conflict(kept.stored.clone()));
        }
        kept.versions += 1;
        let version = Version(kept.versions);
        kept.stored = Some(Stored {
            token: token.cloned(),
            version,
        });
        Ok(Saved::Kept(version))
    }
}

#[cfg(test)]
mod tests;
