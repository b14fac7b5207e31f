//! One call of a refresher.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use crate::{Connection, RefreshError, Runtime, Token};

/// One call of a [`TokenRefresher`](super::TokenRefresher): the token to refresh, and how to send.
#[derive(Debug)]
pub struct TokenCall<'a> {
    stale: Option<&'a Token>,
    connection: Connection,
    progress: Progress,
}

impl<'a> TokenCall<'a> {
    /// A call for a refresher that is used without a session, with [`Connection::Own`]. Pass `None`
    /// if there is no token yet.
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

    /// A call that must begin before this time of this clock, because the token server does not
    /// accept the refresh token again later.
    pub(crate) fn before(mut self, limit: Duration, clock: Arc<dyn Runtime>) -> Self {
        self.progress = Progress::before(limit, clock);
        self
    }

    /// The token to refresh; `None` for the first token of a session that began without one
    /// ([`SessionBuilder::without_token`](crate::SessionBuilder::without_token)).
    #[must_use]
    pub const fn stale(&self) -> Option<&'a Token> {
        self.stale
    }

    /// The connection that the call needs: [`Own`](Connection::Own) if a lost response can cost the
    /// session.
    #[must_use]
    pub const fn connection(&self) -> Connection {
        self.connection
    }

    /// Declares that nothing is sent before [`begin`](Self::begin), for a refresher that first
    /// waits for a lock or a user. Has no effect after `begin`.
    ///
    /// If the deadline passes or the refresher panics before `begin`, nothing is lost, and the
    /// session refreshes again later. Without `hold` a call counts as sent from the start.
    pub fn hold(&self) {
        _ = self.progress.change(UNSAID, HELD);
    }

    /// Declares that the call sends now: from here on the refresh token may be spent.
    ///
    /// # Errors
    ///
    /// If the session has abandoned the call and may have started another, or if it is too late
    /// ([`TokenUse::Grace`](crate::TokenUse::Grace)): send nothing.
    pub fn begin(&self) -> Result<(), RefreshError> {
        match self.progress.begin() {
            true => Ok(()),
            false => Err(RefreshError::transient(
                "the session has abandoned this call: send nothing",
            )),
        }
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Whether the call is held, so nothing was sent.
    pub(super) fn is_held(&self) -> bool {
        self.progress.0.state.load(Ordering::SeqCst) == HELD
    }

    /// Abandons the call: if nothing was sent, nothing will be.
    pub(crate) fn abandon(&self) -> Abandoned {
        match self.progress.change(HELD, ABANDONED) {
            Ok(_) | Err(ABANDONED) => Abandoned::Unsent,
            Err(_) => Abandoned::Begun,
        }
    }
}

/// What an abandoned call had done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abandoned {
    Unsent,
    Begun,
}

/// How far a call is; shared with bodies that outlive the call.
#[derive(Clone, Default)]
pub(super) struct Progress(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: AtomicU8,
    /// Until when the call may begin, and by which clock.
    limit: Option<(Duration, Arc<dyn Runtime>)>,
}

/// Neither held nor begun: counts as sent.
const UNSAID: u8 = 0;
const HELD: u8 = 1;
const BEGUN: u8 = 2;
const ABANDONED: u8 = 3;

impl Progress {
    fn before(limit: Duration, clock: Arc<dyn Runtime>) -> Self {
        Self(Arc::new(Shared {
            state: AtomicU8::new(UNSAID),
            limit: Some((limit, clock)),
        }))
    }

    /// Marks the call as begun; `false` if it was abandoned, or if it is too late.
    pub(super) fn begin(&self) -> bool {
        let late = |(limit, clock): &(Duration, Arc<dyn Runtime>)| clock.now() >= *limit;
        if self.0.limit.as_ref().is_some_and(late) {
            let abandoned = self.change(HELD, ABANDONED);
            _ = abandoned.or_else(|_| self.change(UNSAID, ABANDONED));
        }
        let begun = self
            .change(HELD, BEGUN)
            .or_else(|_| self.change(UNSAID, BEGUN));
        matches!(begun, Ok(_) | Err(BEGUN))
    }

    fn change(&self, from: u8, to: u8) -> Result<u8, u8> {
        let (success, failure) = (Ordering::SeqCst, Ordering::SeqCst);
        self.0.state.compare_exchange(from, to, success, failure)
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Progress").field(&self.0.state).finish()
    }
}
