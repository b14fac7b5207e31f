//! What a flight does: read the store, ask for a token, and leave the store what it is pending.
//!
//! It never knows whether a flight counts, nor who waits for it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;

pub(super) mod flight;
pub(super) mod reentrancy;
pub(super) mod revoke;

use self::revoke::{self as revoker, Revoker};
use super::events::{Dispatcher, EventKind};
use super::store_queue::StoreQueue;
use crate::machine::{
    AccessToken, Again, Connection, Landing, RefreshToken, Renewable, Retries, Rules, Term,
};
use crate::refresher::Abandoned;
use crate::runtime::{BoxFuture, before, within};
use crate::store::StoreFailure;
use crate::{RefreshError, Runtime, Spends, Token, TokenCall, TokenRefresher, TokenResponse};

/// A fifth of the refresh timeout is for the save, the rest for the call.
pub(super) const SAVE_SHARE: u32 = 5;

/// What a flight needs: it holds no session, which holds it.
pub(super) struct RefreshContext {
    pub(super) refresher: Arc<dyn TokenRefresher>,
    pub(super) revoker: Option<Revoker>,
    pub(super) store: StoreQueue,
    pub(super) runtime: Arc<dyn Runtime>,
    pub(super) refresh_timeout: Duration,
    pub(super) rules: Rules,
    pub(super) events: Arc<Dispatcher>,
}

/// The moment before a token is asked for: its lifetime is counted from there.
#[derive(Clone, Copy)]
pub(super) struct Since {
    pub(super) now: Duration,
    wall_clock: SystemTime,
    pub(super) jitter: u8,
}

impl Since {
    pub(super) fn now(runtime: &dyn Runtime) -> Self {
        Self {
            now: runtime.now(),
            wall_clock: runtime.wall_clock(),
            jitter: runtime.jitter(),
        }
    }

    fn term(self, lifetime: Option<Duration>, renewable: Renewable) -> Term {
        Term {
            renewable,
            ..Term::new(self.now, lifetime, self.jitter)
        }
    }
}

/// A token that a flight new, and what the coordinator is told of it.
pub(super) struct NewToken {
    pub(super) token: Arc<Token>,
    pub(super) landing: Landing,
    pub(super) source: Source,
}

pub(super) enum Source {
    Refresher,
    Store,
}

/// What the store has for a flight.
pub(super) enum Look {
    /// A newer token, which somebody else left there.
    Newer(NewToken),
    /// The token to trade.
    Base(Arc<Token>),
}

impl RefreshContext {
    pub(super) fn save_timeout(&self) -> Duration {
        self.refresh_timeout / SAVE_SHARE
    }

    pub(super) fn call_timeout(&self) -> Duration {
        self.refresh_timeout - self.save_timeout()
    }

    /// How much of the time for its call a flight has left.
    pub(super) fn left(&self, since: Since, now: Duration) -> Duration {
        let ends = since.now.saturating_add(self.call_timeout());
        ends.saturating_sub(now)
    }

    /// The pause before a call that was not processed is tried again, where it is.
    pub(super) fn pause(
        &self,
        retries: &mut Retries,
        again: Again,
        error: &RefreshError,
        since: Since,
        began: Duration,
    ) -> Option<BoxFuture<()>> {
        let now = self.runtime.now();
        let (took, left) = (now.saturating_sub(began), self.left(since, now));
        let pause = retries.again(again, error.retry_after(), took, left)?;
        Some(self.runtime.sleep(pause))
    }

    /// Whether there is a way from this token to a newer one: by the grant, or since somebody else
    /// may leave one in the store.
    pub(super) fn renewable(&self, token: &Token) -> Renewable {
        match self.store.has_store() || self.refresher.can_refresh(token.if_any()) {
            true => Renewable::Yes,
            false => Renewable::No,
        }
    }

    /// What a call may cost that trades this token.
    pub(super) fn spends(&self, base: &Token) -> Spends {
        match base.refresh_token() {
            Some(_) => self.refresher.spends(),
            None => Spends::Nothing,
        }
    }

    /// Where a token was refused, or what it bought is lost: what somebody else left in the store
    /// meanwhile, if anything. It takes the time of the save, of which there is none without a
    /// token.
    pub(super) async fn look_again(
        &self,
        error: RefreshError,
        held: &Token,
        base: &Arc<Token>,
        since: Since,
    ) -> Result<NewToken, RefreshError> {
        if !error.kind().may_be_spent() {
            return Err(error);
        }
        let looked = self.store.newer_than(base);
        match within(&*self.runtime, self.save_timeout(), looked).await {
            Some(Ok(Some(newer))) if is_of_use(&newer, held, since) => {
                Ok(self.adopted(newer, held, since))
            }
            // The first error says more.
            Some(Ok(_) | Err(_)) | None => Err(error),
        }
    }

    /// Tells the token server of a token that is of no use any more, where it can be told.
    pub(super) async fn revoke(&self, token: Option<Arc<Token>>) {
        let token = token.filter(|token| token.if_any().is_some());
        let (Some(revoker), Some(token)) = (&self.revoker, token) else {
            return;
        };
        self.events.record(
            match revoker::in_time(revoker, token, &*self.runtime).await {
                Ok(()) => EventKind::Revoked,
                Err(error) => EventKind::RevocationFailed {
                    error: Arc::new(error),
                },
            },
        );
        self.events.deliver();
    }

    /// What the store is pending, within its share of the refresh timeout.
    pub(super) async fn flush(&self) -> Result<(), StoreFailure> {
        let flushed = within(&*self.runtime, self.save_timeout(), self.store.flush()).await;
        self.events.deliver();
        flushed.unwrap_or_else(|| Err(StoreFailure::new("the store took too long")))
    }

    /// Reads the store again.
    pub(super) async fn look(
        &self,
        token: Arc<Token>,
        held: &Token,
        since: Since,
        deadline: &mut BoxFuture<()>,
    ) -> Result<Look, RefreshError> {
        let too_long = || RefreshError::transient("the store took too long");
        let stored = before(deadline, self.store.newer_than(&token)).await;
        let stored = stored.ok_or_else(too_long)??;
        if deadline.now_or_never().is_some() {
            return Err(too_long());
        }
        Ok(match stored {
            Some(stored) if is_of_use(&stored, held, since) => {
                Look::Newer(self.adopted(stored, held, since))
            }
            // It is of no more use, but its refresh token is the one to send.
            Some(stored) => Look::Base(stored),
            None => Look::Base(token),
        })
    }

    pub(super) async fn ask(
        &self,
        base: &Token,
        held: &Token,
        (spends, connection): (Spends, Connection),
        since: Since,
        deadline: &mut BoxFuture<()>,
    ) -> Result<NewToken, RefreshError> {
        let call = TokenCall::new(base.if_any()).over(connection);
        let answer = AssertUnwindSafe(before(deadline, self.refresher.refresh(&call)));
        let error = match answer.catch_unwind().await {
            Ok(Some(Ok(answer))) => return Ok(self.granted(base, held, answer, since)),
            Ok(Some(Err(error))) => error,
            Ok(None) => lost(&call, "the refresher took too long"),
            // What the panic said may hold a token.
            Err(_panic) => lost(&call, "the refresher panicked"),
        };
        Err(match spends {
            Spends::Nothing => error.with_nothing_spent(),
            Spends::RefreshToken => error,
        })
    }
}

/// Whether a token of the store is worth more than the one that the session holds.
fn is_of_use(stored: &Token, held: &Token, since: Since) -> bool {
    stored.access_token() != held.access_token()
        && stored.signs()
        && stored.lifetime(since.wall_clock) != Some(Duration::ZERO)
}

/// A call that ended without an answer.
fn lost(call: &TokenCall<'_>, why: &'static str) -> RefreshError {
    match call.abandon() {
        Abandoned::Begun => RefreshError::unknown(why),
        Abandoned::Unsent => RefreshError::transient(format!("{why}, and had sent nothing")),
    }
}

impl RefreshContext {
    fn adopted(&self, token: Arc<Token>, held: &Token, since: Since) -> NewToken {
        let kept = token.refresh_token() == held.refresh_token();
        let term = since.term(token.lifetime(since.wall_clock), self.renewable(&token));
        NewToken {
            landing: Landing::Refreshed {
                term: Term {
                    whole: token.whole_lifetime(),
                    ..term
                },
                access_token: AccessToken::New,
                refresh_token: match kept && token.refresh_token().is_some() {
                    true => RefreshToken::Kept,
                    false => RefreshToken::Replaced,
                },
            },
            token,
            source: Source::Store,
        }
    }

    fn granted(&self, base: &Token, held: &Token, answer: TokenResponse, since: Since) -> NewToken {
        let refresh_token = match answer.refresh_token() {
            Some(new) if Some(new) != base.refresh_token() => RefreshToken::Replaced,
            Some(_) | None => RefreshToken::Kept,
        };
        let access_token = match answer.access_token() == held.access_token() {
            true => AccessToken::Same,
            false => AccessToken::New,
        };
        let lifetime = answer.expires_in();
        let token = base.renewed(answer, since.wall_clock);
        NewToken {
            landing: Landing::Refreshed {
                term: since.term(lifetime, self.renewable(&token)),
                access_token,
                refresh_token,
            },
            token: Arc::new(token),
            source: Source::Refresher,
        }
    }
}
