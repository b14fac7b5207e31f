//! A store that ends with the process.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{Erased, Saved, StoreError, Stored, TokenStore, Version};
use crate::Token;

/// Keeps the token in memory, for several sessions of one process.
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

    async fn save_if(&self, expected: Option<Version>, token: &Token) -> Result<Saved, StoreError> {
        let mut kept = self.kept();
        if kept.stored.as_ref().map(|stored| stored.version) != expected {
            return Ok(Saved::Conflict(kept.stored.clone()));
        }
        kept.versions += 1;
        let version = Version(kept.versions);
        kept.stored = Some(Stored {
            token: token.clone(),
            version,
        });
        Ok(Saved::Kept(version))
    }

    async fn erase_if(&self, expected: Version) -> Result<Erased, StoreError> {
        let mut kept = self.kept();
        match kept.stored.take() {
            Some(stored) if stored.version != expected => {
                kept.stored = Some(stored.clone());
                Ok(Erased::Conflict(stored))
            }
            Some(_) | None => Ok(Erased::Gone),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn now<T>(future: impl Future<Output = Result<T, StoreError>>) -> T {
        future.now_or_never().expect("no wait").expect("no failure")
    }

    #[test]
    fn what_is_not_as_expected_stays() {
        let store = MemoryStore::new();
        let token = |text: &str| Token::new(text).expect("valid");
        assert!(now(store.load()).is_none());
        let saved = now(store.save_if(Some(Version(7)), &token("a")));
        assert!(matches!(saved, Saved::Conflict(None)));

        let Saved::Kept(first) = now(store.save_if(None, &token("a"))) else {
            panic!("nothing was expected, nothing was there");
        };
        let Saved::Conflict(Some(there)) = now(store.save_if(None, &token("b"))) else {
            panic!("something was there");
        };
        assert_eq!(there.version, first);

        let Saved::Kept(second) = now(store.save_if(Some(first), &token("b"))) else {
            panic!("as expected");
        };
        assert_ne!(first, second);
        assert!(matches!(now(store.erase_if(first)), Erased::Conflict(_)));
        let stored = now(store.load()).expect("b");
        assert_eq!(stored.token.access_token(), "b");
        assert!(matches!(now(store.erase_if(second)), Erased::Gone));
        assert!(now(store.load()).is_none());
    }
}
