//! One refresh, in order: read the store, ask the token server, try again, save, publish.
//!
//! Whether the refresh token may be sent, and whether the outcome counts, is decided by the
//! [`Coordinator`](crate::machine::Coordinator). A refresh does not know who waits for it.

pub(super) mod reentrancy;
pub(super) mod revoke;

use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;

use self::revoke::Revoker;
use super::events::{Dispatcher, EventKind};
use super::flight::{Flight, Outcome, Waiters};
use super::store_queue::{StoreQueue, TokenPair};
use super::token_state::TokenState;
use crate::machine::{
    AccessTokenChange, Again, Connection, Landing, RefreshTokenChange, RefreshTokenId, Renewable,
    Retries, Rules, Sending, StoredAccessToken, StoredToken, StoredTokenUse, Term,
};
use crate::refresher::Abandoned;
use crate::runtime::{BoxFuture, before, within};
use crate::store::StoreFailure;
use crate::{
    Generation, RefreshError, Runtime, Spends, Token, TokenCall, TokenRefresher, TokenResponse,
};

/// A fifth of the refresh timeout is for the save, the rest is for the call.
pub(super) const SAVE_SHARE: u32 = 5;

/// What a refresh needs. It holds no session, because the session holds it.
pub(super) struct RefreshContext {
    pub(super) refresher: Arc<dyn TokenRefresher>,
    pub(super) revoker: Option<Revoker>,
    pub(super) store: StoreQueue,
    pub(super) runtime: Arc<dyn Runtime>,
    pub(super) refresh_timeout: Duration,
    pub(super) rules: Rules,
    pub(super) events: Arc<Dispatcher>,
    /// Tells refresh tokens apart.
    pub(super) ids: RandomState,
}

/// A flight that replaces the token of this generation.
pub(super) fn flight(
    context: &Arc<RefreshContext>,
    state: Weak<TokenState>,
    stale: Generation,
) -> Flight {
    let context = Arc::clone(context);
    Flight::new(|waiters| {
        let refresh = Refresh {
            context,
            state,
            stale,
            waiters,
        };
        refresh.run_to_landing()
    })
}

/// One refresh.
struct Refresh {
    context: Arc<RefreshContext>,
    state: Weak<TokenState>,
    /// The generation that it replaces.
    stale: Generation,
    waiters: Waiters,
}

impl Refresh {
    /// Runs the refresh. It lands even if it panics, or its waiters would wait for ever.
    async fn run_to_landing(self) -> Outcome {
        let key = reentrancy::Key::new(self.state.as_ptr());
        let run = reentrancy::marked(key, self.run());
        let caught = AssertUnwindSafe(run).catch_unwind().await;
        // The panic's message may hold a token.
        let outcome = caught.unwrap_or_else(|_panic| {
            let why = "the refresh panicked";
            let state = self.state.upgrade();
            self.fail(match state.is_some_and(|state| state.is_in_doubt()) {
                true => RefreshError::unknown(why),
                false => RefreshError::transient(why),
            })
        });
        self.context.events.deliver();
        outcome
    }

    async fn run(&self) -> Outcome {
        let started = RequestedAt::now(&*self.context.runtime);
        // Read now, not when the flight was made: the token may have been replaced since.
        let state = self.state.upgrade();
        let Some(held) = state.and_then(|state| state.awaited(self.stale)) else {
            return Outcome::Overtaken;
        };
        self.context.events.count(|counts| counts.refreshes += 1);
        match self.new_token(&held, started).await {
            Some(Ok(new)) => self.commit(new).await,
            Some(Err(error)) => self.fail(error),
            None => Outcome::Overtaken,
        }
    }

    /// Reads the store and asks the token server, until one has a token or no try is left.
    /// `None` if the session was signed in or out meanwhile.
    async fn new_token(
        &self,
        held: &Arc<Token>,
        started: RequestedAt,
    ) -> Option<Result<NewToken, RefreshError>> {
        let context = &*self.context;
        let mut deadline = context.runtime.sleep(context.call_timeout());
        let mut retries = Retries::new(context.rules, context.call_timeout());
        let mut token = Arc::clone(held);
        let mut tried = started;
        loop {
            // Before each try: during the pause, another process may have spent the token.
            let base = match context.read(token, held, tried, &mut deadline).await {
                Ok(StoreRead::Adopt(new)) => return Some(Ok(new)),
                Ok(StoreRead::Trade(base)) => base,
                Err(error) => return Some(Err(error)),
            };
            let began = context.runtime.now();
            if !retries.may_begin(context.left(started, began)) {
                let error = RefreshError::transient(
                    "too little of the refresh timeout was left for another try",
                );
                return Some(Err(error));
            }
            let spends = context.spends(&base);
            let state = self.state.upgrade()?;
            let id = context.refresh_token_id(&base);
            let (sending, send_before) = state.begin_call(self.stale, spends, id, began);
            let connection = match sending {
                Sending::Over(connection) => connection,
                Sending::Spent => {
                    let error = RefreshError::unknown(
                        "token_use does not allow sending the refresh token again",
                    );
                    return Some(Err(error));
                }
                // The token that a sign-in brought is not this refresh's to spend.
                Sending::Overtaken => return None,
            };
            drop(state);
            let call = context.call(&base, connection, send_before);
            let asked = context.ask(&base, held, &call, spends, tried, &mut deadline);
            let error = match asked.await {
                Ok(new) => return Some(Ok(new)),
                Err(error) => error,
            };
            match self.pause(&mut retries, &error, spends, started, began) {
                Some(pause) => pause.await,
                None => return Some(context.read_again(error, held, &base, tried).await),
            }
            token = base;
            tried = RequestedAt::now(&*context.runtime);
        }
    }

    /// The pause before the next try, if there is one.
    fn pause(
        &self,
        retries: &mut Retries,
        error: &RefreshError,
        spends: Spends,
        started: RequestedAt,
        began: Duration,
    ) -> Option<BoxFuture<()>> {
        let (waiting, now) = (self.waiters.count(), self.context.runtime.now());
        let state = self.state.upgrade();
        let again = state.map(|state| state.call_failed(self.stale, error, spends, waiting, now));
        let (took, left) = (now.saturating_sub(began), self.context.left(started, now));
        let again = again.unwrap_or(Again::No);
        let pause = retries.again(again, error.retry_after(), took, left)?;
        Some(self.context.runtime.sleep(pause))
    }

    /// Saves the token, then publishes it: requests never use a token that could still be lost.
    ///
    /// If the last session is gone, the token is saved for the next one that opens the store.
    async fn commit(&self, new: NewToken) -> Outcome {
        let NewToken {
            token,
            landing,
            source,
        } = new;
        match source {
            Source::Store => {}
            Source::TokenServer => {
                let pair = TokenPair(Arc::clone(&token));
                if !self.context.store.refreshed(self.stale, pair) {
                    return Outcome::Overtaken;
                }
                // If the save fails it is tried again later. The token is valid nevertheless.
                _ = self.context.flush().await;
            }
        }
        let now = self.context.runtime.now();
        let state = self.state.upgrade();
        state.map_or(Outcome::Overtaken, |state| {
            state.publish(self.stale, landing, token, now)
        })
    }

    fn fail(&self, error: RefreshError) -> Outcome {
        let runtime = &*self.context.runtime;
        let (jitter, now) = (runtime.jitter(), runtime.now());
        let state = self.state.upgrade();
        state.map_or(Outcome::Overtaken, |state| {
            state.fail(self.stale, Arc::new(error), jitter, now)
        })
    }
}

/// When a token was asked for: its lifetime is counted from then.
#[derive(Clone, Copy)]
struct RequestedAt {
    now: Duration,
    wall_clock: SystemTime,
    jitter: u8,
}

impl RequestedAt {
    fn now(runtime: &dyn Runtime) -> Self {
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

/// A token that a refresh brings, and what the coordinator is told about it.
struct NewToken {
    token: Arc<Token>,
    landing: Landing,
    source: Source,
}

enum Source {
    TokenServer,
    Store,
}

/// What a refresh finds in the store.
enum StoreRead {
    /// A newer token, which another process left there.
    Adopt(NewToken),
    /// The token to trade.
    Trade(Arc<Token>),
}

impl RefreshContext {
    pub(super) fn save_timeout(&self) -> Duration {
        self.refresh_timeout / SAVE_SHARE
    }

    fn call_timeout(&self) -> Duration {
        self.refresh_timeout - self.save_timeout()
    }

    /// How much of the time for its calls a refresh has left.
    fn left(&self, started: RequestedAt, now: Duration) -> Duration {
        let ends = started.now.saturating_add(self.call_timeout());
        ends.saturating_sub(now)
    }

    /// Whether a newer token can follow this one: by the grant, or because another process may
    /// leave one in the store.
    pub(super) fn renewable(&self, token: &Token) -> Renewable {
        match self.store.has_store() || self.refresher.can_refresh(token.if_any()) {
            true => Renewable::Yes,
            false => Renewable::No,
        }
    }

    pub(super) fn refresh_token_id(&self, token: &Token) -> RefreshTokenId {
        RefreshTokenId(self.ids.hash_one(token.refresh_token()))
    }

    /// What a call that trades this token may cost.
    fn spends(&self, base: &Token) -> Spends {
        match base.refresh_token() {
            Some(_) => self.refresher.spends(),
            None => Spends::Nothing,
        }
    }

    /// Reads the store before the token server is asked.
    async fn read(
        &self,
        token: Arc<Token>,
        held: &Token,
        tried: RequestedAt,
        deadline: &mut BoxFuture<()>,
    ) -> Result<StoreRead, RefreshError> {
        let too_long = || RefreshError::transient("the store took too long");
        let stored = before(deadline, self.store.newer_than(&token)).await;
        let stored = stored.ok_or_else(too_long)??;
        if deadline.now_or_never().is_some() {
            return Err(too_long());
        }
        Ok(match stored {
            Some(stored) => self.use_stored(stored, held, tried),
            None => StoreRead::Trade(token),
        })
    }

    /// Reads the store after a call that may have spent the token: another process may have
    /// refreshed first. It may use the time reserved for the save: without a token there is nothing
    /// to save.
    async fn read_again(
        &self,
        error: RefreshError,
        held: &Token,
        base: &Arc<Token>,
        tried: RequestedAt,
    ) -> Result<NewToken, RefreshError> {
        if !error.kind().may_be_spent() {
            return Err(error);
        }
        let stored = self.store.newer_than(base);
        let stored = within(&*self.runtime, self.save_timeout(), stored).await;
        // The error of the call says more than that of the store.
        let Some(Ok(Some(stored))) = stored else {
            return Err(error);
        };
        match self.use_stored(stored, held, tried) {
            StoreRead::Adopt(new) => Ok(new),
            StoreRead::Trade(_) => Err(error),
        }
    }

    fn use_stored(&self, stored: Arc<Token>, held: &Token, tried: RequestedAt) -> StoreRead {
        let access_token = match stored.access_token() == held.access_token() {
            _ if !stored.signs() => StoredAccessToken::Absent,
            true => StoredAccessToken::Same,
            false => StoredAccessToken::Other,
        };
        let lifetime = stored.lifetime(tried.wall_clock);
        match StoredToken::new(access_token, lifetime).usage() {
            StoredTokenUse::Adopt => StoreRead::Adopt(self.adopted(stored, held, tried)),
            StoredTokenUse::Trade => StoreRead::Trade(stored),
        }
    }

    fn adopted(&self, token: Arc<Token>, held: &Token, tried: RequestedAt) -> NewToken {
        let same = token.refresh_token() == held.refresh_token();
        let id = self.refresh_token_id(&token);
        let term = tried.term(token.lifetime(tried.wall_clock), self.renewable(&token));
        NewToken {
            landing: Landing::Refreshed {
                term: Term {
                    whole: token.whole_lifetime(),
                    ..term
                },
                access_token: AccessTokenChange::New,
                refresh_token: match same && token.refresh_token().is_some() {
                    true => RefreshTokenChange::AdoptedWithSame(id),
                    false => RefreshTokenChange::Adopted(id),
                },
            },
            token,
            source: Source::Store,
        }
    }

    fn call<'t>(
        &self,
        base: &'t Token,
        connection: Connection,
        send_before: Option<Duration>,
    ) -> TokenCall<'t> {
        let call = TokenCall::new(base.if_any()).over(connection);
        match send_before {
            Some(limit) => call.before(limit, Arc::clone(&self.runtime)),
            None => call,
        }
    }

    /// Asks the token server.
    async fn ask(
        &self,
        base: &Token,
        held: &Token,
        call: &TokenCall<'_>,
        spends: Spends,
        tried: RequestedAt,
        deadline: &mut BoxFuture<()>,
    ) -> Result<NewToken, RefreshError> {
        let answer = AssertUnwindSafe(before(deadline, self.refresher.refresh(call)));
        let error = match answer.catch_unwind().await {
            Ok(Some(Ok(answer))) => return Ok(self.granted(base, held, answer, tried)),
            Ok(Some(Err(error))) => error,
            Ok(None) => lost(call, "the refresher took too long"),
            // The panic's message may hold a token.
            Err(_panic) => lost(call, "the refresher panicked"),
        };
        Err(match spends {
            Spends::Nothing => error.with_nothing_spent(),
            Spends::RefreshToken => error,
        })
    }

    fn granted(
        &self,
        base: &Token,
        held: &Token,
        answer: TokenResponse,
        tried: RequestedAt,
    ) -> NewToken {
        let refresh_token = match answer.refresh_token() {
            Some(new) if Some(new) != base.refresh_token() => RefreshTokenChange::Replaced,
            Some(_) | None => RefreshTokenChange::Kept,
        };
        let access_token = match answer.access_token() == held.access_token() {
            true => AccessTokenChange::Same,
            false => AccessTokenChange::New,
        };
        let lifetime = answer.expires_in();
        let token = base.renewed(answer, tried.wall_clock);
        NewToken {
            landing: Landing::Refreshed {
                term: Term {
                    received: self.runtime.now(),
                    ..tried.term(lifetime, self.renewable(&token))
                },
                access_token,
                refresh_token,
            },
            token: Arc::new(token),
            source: Source::TokenServer,
        }
    }

    /// Writes to the store what it has not saved yet.
    ///
    /// The timeout is for the whole wait, the queue's own jobs before this one included; the queue
    /// bounds each job, so that one that hangs does not block the next.
    pub(super) async fn flush(&self) -> Result<(), StoreFailure> {
        let flushed = within(&*self.runtime, self.save_timeout(), self.store.flush()).await;
        self.events.deliver();
        flushed.unwrap_or_else(|| Err(StoreFailure::new("the store took too long")))
    }

    /// Revokes the token of a session that signed out, if there is a revocation endpoint.
    pub(super) async fn revoke(&self, token: Option<Arc<Token>>) {
        let token = token.filter(|token| token.if_any().is_some());
        let (Some(revoker), Some(token)) = (&self.revoker, token) else {
            return;
        };
        let revoked = revoke::in_time(revoker, token, &*self.runtime).await;
        self.events.record(match revoked {
            Ok(()) => EventKind::Revoked,
            Err(error) => EventKind::RevocationFailed {
                error: Arc::new(error),
            },
        });
        self.events.deliver();
    }
}

/// The error of a call that ended without an answer.
fn lost(call: &TokenCall<'_>, why: &'static str) -> RefreshError {
    match call.abandon() {
        Abandoned::Begun => RefreshError::unknown(why),
        Abandoned::Unsent => RefreshError::transient(format!("{why}, before it sent anything")),
    }
}
