//! A store in memory.

mod changed;

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{Record, Saved, StoreError, Stored, TokenStore, Version};
use changed::{Changed, Waiting};

/// Keeps the record in memory, to share it among several sessions of one process.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    stored: Option<Stored>,
    versions: u64,
    waiting: Waiting,
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

impl Kept {
    fn version(&self) -> Option<&Version> {
        self.stored.as_ref().map(|stored| &stored.version)
    }
}

#[async_trait]
impl TokenStore for MemoryStore {
    async fn load(&self) -> Result<Option<Stored>, StoreError> {
        Ok(self.kept().stored.clone())
    }

    async fn save_if(
        &self,
        expected: Option<&Version>,
        record: &Record,
    ) -> Result<Saved, StoreError> {
        let mut kept = self.kept();
        if kept.version() != expected {
            return Ok(Saved::Conflict(kept.stored.clone()));
        }
        kept.versions += 1;
        let version = Version::from(kept.versions);
        kept.stored = Some(Stored {
            record: record.clone(),
            version: version.clone(),
        });
        let waiting = mem::take(&mut kept.waiting);
        // Who is woken may call the store at once.
        drop(kept);
        waiting.wake();
        Ok(Saved::Kept(version))
    }

    async fn changed(&self, version: Option<&Version>) {
        Changed::of(self, version).await;
    }
}

#[cfg(test)]
mod tests;
