//! One call for a newer token, as its refresher sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::{Connection, RefreshError, Token};

/// What a session asks of a [`TokenRefresher`](super::TokenRefresher): the token to trade, and
/// what the call may cost.
#[derive(Debug)]
pub struct TokenCall<'a> {
    stale: Option<&'a Token>,
    connection: Connection,
    progress: Progress,
}

impl<'a> TokenCall<'a> {
    /// A call for a refresher that is used without a session, over a connection of its own; `None`
    /// where there is no token yet.
    #[must_use]
    pub fn new(stale: Option<&'a Token>) -> Self {
        Self {
            stale,
            connection: Connection::Own,
            progress: Progress::default(),
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
    /// for a lock or for a user. A call that has begun stays so.
    ///
    /// A deadline or a panic until then costs nothing, and the session asks again later. Without
    /// this a call counts as sent from the start.
    pub fn hold(&self) {
        _ = self.progress.change(UNSAID, HELD);
    }

    /// Ends what [`hold`](Self::hold) began: from here on the refresh token may be spent.
    ///
    /// # Errors
    ///
    /// Where the session has given the call up, and may be making another: nothing may be sent.
    pub fn begin(&self) -> Result<(), RefreshError> {
        match self.progress.begin() {
            true => Ok(()),
            false => Err(RefreshError::transient("the session has given the call up")),
        }
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Whether it is held: nothing was sent.
    pub(super) fn is_held(&self) -> bool {
        self.progress.0.load(Ordering::SeqCst) == HELD
    }

    /// The session gives it up: what was not sent is not sent any more.
    pub(crate) fn abandon(&self) -> Abandoned {
        match self.progress.change(HELD, ABANDONED) {
            Ok(_) | Err(ABANDONED) => Abandoned::Unsent,
            Err(_) => Abandoned::Begun,
        }
    }
}

/// What a call that was given up has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abandoned {
    Unsent,
    Begun,
}

/// How far a call has come; what outlives the call has a copy.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress(Arc<AtomicU8>);

/// Nothing was said of it, so it counts as sent.
const UNSAID: u8 = 0;
const HELD: u8 = 1;
const BEGUN: u8 = 2;
const ABANDONED: u8 = 3;

impl Progress {
    /// Whether something may be sent now.
    pub(super) fn begin(&self) -> bool {
        let begun = self
            .change(HELD, BEGUN)
            .or_else(|_| self.change(UNSAID, BEGUN));
        matches!(begun, Ok(_) | Err(BEGUN))
    }

    fn change(&self, from: u8, to: u8) -> Result<u8, u8> {
        let (success, failure) = (Ordering::SeqCst, Ordering::SeqCst);
        self.0.compare_exchange(from, to, success, failure)
    }
}
