//! The one queue to the store.
//!
//! It decides in which order the store hears of tokens: what it is owed last is its last word.
//! It never knows why a token changed, nor whether anybody waits.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::lock::Mutex as Queue;

use crate::store::{Erased, Saved, StoreError, Stored, TokenStore, Version};
use crate::{RefreshError, Token};

pub(super) struct Keeper {
    store: Arc<dyn TokenStore>,
    /// The version that this session saw last; locked for the length of a store call.
    seen: Queue<Option<Version>>,
    owed: Mutex<Owed>,
}

/// What the store is still to hear, and how often that changed.
#[derive(Default)]
struct Owed {
    word: Option<Word>,
    changes: u64,
}

#[derive(Clone)]
pub(super) enum Word {
    /// A refresh: it does not take the place of what somebody else wrote.
    Refreshed(Arc<Token>),
    /// A sign-in: it takes the place of anything.
    SignedIn(Arc<Token>),
    /// A sign-out: it takes the place of anything.
    SignedOut,
}

/// How often a fence tries to write over what others write meanwhile.
const PERSISTENCE: usize = 4;

impl Keeper {
    pub(super) fn new(store: Arc<dyn TokenStore>, seen: Option<Version>) -> Self {
        Self {
            store,
            seen: Queue::new(seen),
            owed: Mutex::default(),
        }
    }

    /// Owes the store a word, in the place of any before.
    pub(super) fn owe(&self, word: Word) {
        let mut owed = self.owed();
        owed.word = Some(word);
        owed.changes += 1;
    }

    /// Tells the store all that it is owed. What fails stays owed.
    pub(super) async fn settle(&self) -> Result<(), StoreError> {
        let mut seen = self.seen.lock().await;
        self.settle_in_turn(&mut seen).await
    }

    /// What is in the store, where that is newer than the session's token.
    pub(super) async fn newer_than(&self, token: &Token) -> Result<Option<Token>, RefreshError> {
        let mut seen = self.seen.lock().await;
        // What the store does not know yet is newer than what it holds.
        if self.settle_in_turn(&mut seen).await.is_err() {
            return Ok(None);
        }
        let loaded = guarded(self.store.load()).await;
        match loaded.map_err(RefreshError::transient)? {
            Some(Stored { version, .. }) if Some(version) == *seen => Ok(None),
            Some(stored) => {
                *seen = Some(stored.version);
                let newer = stored.token.access_token() != token.access_token();
                Ok(newer.then_some(stored.token))
            }
            None if seen.is_some() => Err(RefreshError::refused("the store was erased")),
            None => Ok(None),
        }
    }

    async fn settle_in_turn(&self, seen: &mut Option<Version>) -> Result<(), StoreError> {
        loop {
            let (word, changes) = {
                let owed = self.owed();
                (owed.word.clone(), owed.changes)
            };
            let Some(word) = word else {
                return Ok(());
            };
            let told = self.tell(&word, seen).await;
            let mut owed = self.owed();
            if owed.changes != changes {
                continue;
            }
            told?;
            owed.word = None;
        }
    }

    async fn tell(&self, word: &Word, seen: &mut Option<Version>) -> Result<(), StoreError> {
        match word {
            Word::Refreshed(token) => match self.save(*seen, token).await? {
                Ok(version) => *seen = Some(version),
                // Saved before, in a call that was given up.
                Err(Some(there)) if there.token.access_token() == token.access_token() => {
                    *seen = Some(there.version);
                }
                // Theirs stays; the next refresh reads it.
                Err(_) => return Ok(()),
            },
            Word::SignedIn(token) => {
                for _ in 0..PERSISTENCE {
                    match self.save(*seen, token).await? {
                        Ok(version) => {
                            *seen = Some(version);
                            return Ok(());
                        }
                        Err(there) => *seen = there.map(|there| there.version),
                    }
                }
                return Err("the store changes all the time".into());
            }
            Word::SignedOut => {
                let there = guarded(self.store.load()).await?;
                let mut expected = there.map(|there| there.version);
                for _ in 0..PERSISTENCE {
                    *seen = expected;
                    let Some(version) = expected else {
                        return Ok(());
                    };
                    expected = match guarded(self.store.erase_if(version)).await? {
                        Erased::Gone => None,
                        Erased::Conflict(there) => Some(there.version),
                    };
                }
                return Err("the store changes all the time".into());
            }
        }
        Ok(())
    }

    async fn save(
        &self,
        expected: Option<Version>,
        token: &Token,
    ) -> Result<Result<Version, Option<Stored>>, StoreError> {
        Ok(match guarded(self.store.save_if(expected, token)).await? {
            Saved::Kept(version) => Ok(version),
            Saved::Conflict(there) => Err(there),
        })
    }

    fn owed(&self) -> MutexGuard<'_, Owed> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A panic of a store is an error of the store. What it said may hold a token.
async fn guarded<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let caught = AssertUnwindSafe(call).catch_unwind().await;
    caught.unwrap_or_else(|_: Box<dyn Any + Send>| Err("the store panicked".into()))
}
