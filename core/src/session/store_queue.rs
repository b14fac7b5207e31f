//! The one queue to the store.
//!
//! It decides who calls the store, and when: in *turns*, one after another. A turn is a shared
//! future with deadlines of its own, so whoever comes next drives the one that somebody left,
//! and none is for ever. What the store hears is decided in [`Books`].

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::Shared;

use super::events::{EventKind, Herald};
use crate::machine::{Books, Found, Word};
use crate::runtime::{BoxFuture, within};
use crate::store::{Erased, Saved, StoreError, StoreFailure, Stored, TokenStore};
use crate::sync::{Mutex, lock};
use crate::{Generation, RefreshError, Runtime, Token};

pub(super) struct Keeper {
    books: Arc<Mutex<Books<Kept>>>,
    /// None where the session has no store: nobody is told, and nobody is asked.
    desk: Option<Arc<Desk>>,
    turn: Mutex<Option<Turn>>,
}

type Turn = Shared<BoxFuture<Told>>;

/// A token, the same as another where its access token and its refresh token are: a server may
/// rotate one of them alone.
#[derive(Clone)]
pub(super) struct Kept(pub(super) Arc<Token>);

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.0.access_token() == other.0.access_token()
            && self.0.refresh_token() == other.0.refresh_token()
    }
}

/// What a turn needs: it holds no keeper, which holds it.
struct Desk {
    store: Arc<dyn TokenStore>,
    books: Arc<Mutex<Books<Kept>>>,
    runtime: Arc<dyn Runtime>,
    herald: Arc<Herald>,
    /// How long the store may take to hear what it is owed, and as long again to be read.
    patience: Duration,
}

/// What a turn is for.
#[derive(Clone, Copy)]
enum Errand {
    /// The store hears what it is owed.
    Settle,
    /// And it is read.
    Read,
}

/// Whose word the store has, once it was told ours.
enum Heard {
    Ours,
    /// What somebody else wrote meanwhile stays.
    Theirs,
}

/// What came of a turn.
#[derive(Clone)]
struct Told {
    settled: Result<(), StoreFailure>,
    read: Result<Option<Stored>, StoreFailure>,
}

/// How often a word is tried again where others write meanwhile.
const PERSISTENCE: usize = 4;

impl Keeper {
    pub(super) fn new(
        store: Option<Arc<dyn TokenStore>>,
        books: Books<Kept>,
        runtime: Arc<dyn Runtime>,
        herald: Arc<Herald>,
        patience: Duration,
    ) -> Self {
        let books = Arc::new(Mutex::new(books));
        let desk = store.map(|store| {
            Arc::new(Desk {
                store,
                books: Arc::clone(&books),
                runtime,
                herald,
                patience,
            })
        });
        Self {
            books,
            desk,
            turn: Mutex::new(None),
        }
    }

    pub(super) const fn has_store(&self) -> bool {
        self.desk.is_some()
    }

    /// As [`Books::fence`].
    pub(super) fn fence(&self, generation: Generation, word: Word<Kept>) {
        lock(&self.books).fence(generation, word);
    }

    /// As [`Books::refreshed`].
    pub(super) fn refreshed(&self, stale: Generation, token: Kept) -> bool {
        lock(&self.books).refreshed(stale, token)
    }

    /// Tells the store what it is owed. What fails stays owed.
    pub(super) async fn settle(&self) -> Result<(), StoreFailure> {
        self.turn(Errand::Settle).await.settled
    }

    /// What is in the store, where that is newer than the session's token.
    pub(super) async fn newer_than(
        &self,
        token: &Arc<Token>,
    ) -> Result<Option<Arc<Token>>, RefreshError> {
        let told = self.turn(Errand::Read).await;
        if told.settled.is_err() {
            // What the store does not know yet is newer than what it holds.
            return Ok(None);
        }
        let stored = told.read.map_err(RefreshError::transient)?;
        let there = stored.map(|stored| (Kept(Arc::new(stored.token)), stored.version));
        match lock(&self.books).find(&Kept(Arc::clone(token)), there) {
            Found::NothingNew => Ok(None),
            Found::Newer(Kept(newer)) => Ok(Some(newer)),
            Found::Erased => Err(RefreshError::refused("the store was erased")),
        }
    }

    /// Waits for a turn of one's own, driving those before it.
    async fn turn(&self, errand: Errand) -> Told {
        let Some(desk) = &self.desk else {
            return Told::nothing();
        };
        loop {
            let (turn, ours) = {
                let mut current = lock(&self.turn);
                match &*current {
                    Some(turn) => (turn.clone(), false),
                    None => {
                        let turn = Desk::turn(Arc::clone(desk), errand);
                        (current.insert(turn).clone(), true)
                    }
                }
            };
            let told = turn.clone().await;
            lock(&self.turn).take_if(|current| current.ptr_eq(&turn));
            if ours {
                return told;
            }
        }
    }
}

impl Desk {
    fn turn(self: Arc<Self>, errand: Errand) -> Turn {
        let turn: BoxFuture<Told> = Box::pin(async move {
            let caught = AssertUnwindSafe(self.run(errand)).catch_unwind().await;
            // What it said may hold a token.
            caught.unwrap_or_else(|_panic| Told::failed("the store panicked"))
        });
        turn.shared()
    }

    async fn run(&self, errand: Errand) -> Told {
        let settled = self.in_time(self.settle()).await;
        if let Err(error) = &settled {
            let error = error.clone();
            self.herald.note(EventKind::SaveFailed { error });
        }
        let read = match (errand, &settled) {
            (Errand::Read, Ok(())) => self.in_time(self.store.load()).await,
            (Errand::Read | Errand::Settle, _) => Ok(None),
        };
        Told { settled, read }
    }

    async fn in_time<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreFailure> {
        let called = within(&*self.runtime, self.patience, call).await;
        let called = called.unwrap_or_else(|| Err("the store took too long".into()));
        called.map_err(StoreFailure::new)
    }

    async fn settle(&self) -> Result<(), StoreError> {
        loop {
            let Some(word) = lock(&self.books).owed().cloned() else {
                return Ok(());
            };
            let heard = match &word {
                Word::Refreshed(token) | Word::SignedIn(token) => self.save(token, &word).await?,
                Word::SignedOut => self.erase().await?,
            };
            lock(&self.books).settled(&word);
            match heard {
                Heard::Ours => self.herald.note(EventKind::Saved),
                Heard::Theirs => {}
            }
        }
    }

    /// Keeps a token, in the place of what it may take the place of.
    async fn save(&self, token: &Kept, word: &Word<Kept>) -> Result<Heard, StoreError> {
        for _ in 0..PERSISTENCE {
            let expected = {
                let mut books = lock(&self.books);
                books.saving(token.clone());
                books.seen()
            };
            match self.store.save_if(expected, &token.0).await? {
                Saved::Kept(version) => {
                    lock(&self.books).saved(version);
                    return Ok(Heard::Ours);
                }
                Saved::Conflict(there) => {
                    let version = there.as_ref().map(|there| there.version);
                    let there = there.map(|there| Kept(Arc::new(there.token)));
                    let mut books = lock(&self.books);
                    if !books.may_replace(word, there.as_ref()) {
                        // The next refresh reads it.
                        return Ok(Heard::Theirs);
                    }
                    books.see(version);
                }
            }
        }
        Err("the store changes all the time".into())
    }

    async fn erase(&self) -> Result<Heard, StoreError> {
        let mut there = self.store.load().await?.map(|there| there.version);
        for _ in 0..PERSISTENCE {
            lock(&self.books).see(there);
            let Some(version) = there else {
                return Ok(Heard::Ours);
            };
            there = match self.store.erase_if(version).await? {
                Erased::Gone => None,
                Erased::Conflict(there) => Some(there.version),
            };
        }
        Err("the store changes all the time".into())
    }
}

impl Told {
    const fn nothing() -> Self {
        Self {
            settled: Ok(()),
            read: Ok(None),
        }
    }

    fn failed(error: &'static str) -> Self {
        Self {
            settled: Err(StoreFailure::new(error)),
            read: Ok(None),
        }
    }
}
