//! One call for a newer token, as its refresher sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{Connection, Token};

/// What a session asks of a [`TokenRefresher`](super::TokenRefresher): the token to trade, and
/// what the call may cost.
#[derive(Debug)]
pub struct TokenCall<'a> {
    stale: Option<&'a Token>,
    connection: Connection,
    begun: Arc<AtomicBool>,
}

impl<'a> TokenCall<'a> {
    /// A call for a refresher that is used without a session, over a connection of its own; `None`
    /// where there is no token yet.
    #[must_use]
    pub fn new(stale: Option<&'a Token>) -> Self {
        Self {
            stale,
            connection: Connection::Own,
            begun: Arc::new(AtomicBool::new(true)),
        }
    }

    pub(crate) fn over(mut self, connection: Connection) -> Self {
        self.connection = connection;
        self
    }

    /// The token to trade; `None` for the first token of a session that began without one
    /// ([`SessionBuilder::without_token`](crate::SessionBuilder::without_token)).
    #[must_use]
    pub const fn stale(&self) -> Option<&'a Token> {
        self.stale
    }

    /// The connection that the call needs: [`Own`](Connection::Own) where a lost answer may cost
    /// the session.
    #[must_use]
    pub const fn connection(&self) -> Connection {
        self.connection
    }

    /// Says that nothing is sent before [`begin`](Self::begin): for a refresher that first waits
    /// for a lock or for a user.
    ///
    /// A deadline or a panic until then costs nothing, and the session asks again later. Without
    /// this a call counts as sent from the start.
    pub fn hold(&self) {
        self.begun.store(false, Ordering::Relaxed);
    }

    /// Ends what [`hold`](Self::hold) began: from here on the refresh token may be spent.
    pub fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }

    /// As [`begin`](Self::begin), for what outlives the call.
    pub(super) fn beginner(&self) -> impl Fn() + Send + 'static {
        let begun = Arc::clone(&self.begun);
        move || begun.store(true, Ordering::Relaxed)
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }
}
