//! The state that the routes and the test's handle share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Counts;
use crate::access_log::Log;
use crate::faults::Faults;
use crate::gate::GatePoint;
use crate::oauth::Client;
use crate::tokens::Tokens;

/// The state of one API. No lock is held across an await.
pub(crate) struct Shared {
    /// The client of the OAuth 2.0 endpoint; `None` for no authentication.
    pub(crate) client: Option<Client>,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) counts: Mutex<Counts>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) log: Log,
    pub(crate) refreshes: GatePoint,
    pub(crate) refresh_answers: GatePoint,
    pub(crate) book_requests: GatePoint,
    pub(crate) books: GatePoint,
}

impl Shared {
    pub(crate) fn new(client: Option<Client>, tokens: Tokens, log: Log) -> Self {
        Self {
            client,
            tokens: Mutex::new(tokens),
            counts: Mutex::default(),
            faults: Mutex::default(),
            log,
            refreshes: GatePoint::default(),
            refresh_answers: GatePoint::default(),
            book_requests: GatePoint::default(),
            books: GatePoint::default(),
        }
    }
}

/// Locks even if another thread panicked, so that one failed test thread fails once.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
