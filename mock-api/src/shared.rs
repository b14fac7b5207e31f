//! What the routes and the test's handle have in common.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Counts;
use crate::access_log::Log;
use crate::faults::Faults;
use crate::gate::Passage;
use crate::oauth::Client;
use crate::tokens::Tokens;

/// The state of one API. No lock is held across an await.
pub(crate) struct Shared {
    /// Who may ask for a token at the endpoint of OAuth 2.0; where it is none, everybody.
    pub(crate) client: Option<Client>,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) counts: Mutex<Counts>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) log: Log,
    pub(crate) refreshes: Passage,
    pub(crate) refresh_answers: Passage,
    pub(crate) book_requests: Passage,
    pub(crate) books: Passage,
}

impl Shared {
    pub(crate) fn new(client: Option<Client>, tokens: Tokens, log: Log) -> Self {
        Self {
            client,
            tokens: Mutex::new(tokens),
            counts: Mutex::default(),
            faults: Mutex::default(),
            log,
            refreshes: Passage::default(),
            refresh_answers: Passage::default(),
            book_requests: Passage::default(),
            books: Passage::default(),
        }
    }
}

/// Locks, a panic elsewhere notwithstanding: one failed test thread should fail once.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
