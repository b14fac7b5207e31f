//! One refresh, in order: look at the store, claim it, ask the token server, try again, save,
//! publish.
//!
//! Whether the refresh token may be sent, and whether the outcome counts, is decided by the
//! [`Coordinator`](crate::machine::Coordinator) and, for a token that sessions share, by the
//! [`Holder`](crate::machine::Holder). A refresh does not know who waits for it.

pub(super) mod reentrancy;
pub(super) mod revoke;
mod sharing;

use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;

use self::revoke::Revoker;
use self::sharing::{Claiming, Looked, Trade, Waiting};
use super::events::{Dispatcher, EventKind};
use super::flight::{Flight, Outcome, Waiters};
use super::store_queue::{Delivered, StoreQueue};
use super::token_state::{Awaited, TokenState, call_failure};
use crate::machine::holder::{Id, Position, RefreshTokenKept, Settled};
use crate::machine::{
    AccessTokenChange, Again, Connection, Landing, RefreshTokenChange, RefreshTokenId, Renewable,
    Retries, Rules, Sending, Term,
};
use crate::refresher::Abandoned;
use crate::runtime::{BoxFuture, before};
use crate::{
    Generation, RefreshError, Runtime, Spends, Token, TokenCall, TokenRefresher, TokenResponse,
};

/// A fifth of the refresh timeout is for the save, the rest is for the call.
pub(super) const SAVE_SHARE: u32 = 5;

/// How often a refresh looks at the store before it ends, apart from looks while it waits: a store
/// that keeps answering with what it no longer has must not keep it busy.
const MOST_LOOKS: usize = 16;

/// What a refresh needs. It holds no session, because the session holds it.
pub(super) struct RefreshContext {
    pub(super) refresher: Arc<dyn TokenRefresher>,
    pub(super) revoker: Option<Revoker>,
    /// `None` if the session has no store.
    pub(super) store: Option<Arc<StoreQueue>>,
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
        let context = &*self.context;
        // Read now, not when the flight was made: the token may have been replaced since.
        let Some(state) = self.state.upgrade() else {
            return Outcome::Overtaken;
        };
        let held = match state.awaited(self.stale) {
            Awaited::Token(held) => held,
            Awaited::SignedOut => return self.look_for_sign_in(&state).await,
            Awaited::Overtaken => return Outcome::Overtaken,
        };
        if !state.is_looking() {
            context.events.count(|counts| counts.refreshes += 1);
        }
        drop(state);
        let mut time = CallTime::new(context);
        let mut retries = Retries::new(context.rules, context.call_timeout());
        let mut waiting = Waiting::new(context);
        let mut base = Arc::clone(&held);
        let (mut unsaved, mut unsent) = (None, None);
        for _ in 0..MOST_LOOKS {
            // Before each try: meanwhile, another session may have spent the token.
            let trade = match self.look(base, &held, &mut time, &mut waiting).await {
                Looked::Trade(trade) => trade,
                Looked::Adopt(new) => return self.publish(new),
                Looked::Follow(outcome) => {
                    // It belongs to a sign-in that is over.
                    context.revoke(unsaved).await;
                    return outcome;
                }
                Looked::Failed(error) => {
                    self.settle(unsent, Settled::NotProcessed).await;
                    return self.fail(error);
                }
            };
            base = match self.trade(&trade, &held, &mut time, &mut retries).await {
                Traded::New(new) => {
                    let token = Arc::clone(&new.token);
                    if let Some(outcome) = self.commit(new).await {
                        return outcome;
                    }
                    unsaved = Some(token);
                    time = CallTime::new(context);
                    trade.base
                }
                Traded::Again(claim) => {
                    unsent = claim;
                    trade.base
                }
                Traded::Failed(error, claim) => {
                    return self.failed(error, claim, trade, &held).await;
                }
                Traded::Overtaken => return Outcome::Overtaken,
            };
        }
        self.settle(unsent, Settled::NotProcessed).await;
        let error = "the store changed too often during the refresh";
        self.fail(RefreshError::transient(error))
    }

    /// Sends the refresh token, if it may be sent.
    async fn trade(
        &self,
        trade: &Trade,
        held: &Token,
        time: &mut CallTime,
        retries: &mut Retries,
    ) -> Traded {
        let context = &*self.context;
        let (base, tried) = (&trade.base, time.tried);
        let began = context.runtime.now();
        if !retries.may_begin(time.left(context, began)) {
            let error = "too little of the refresh timeout was left for another try";
            self.settle(trade.claimed(), Settled::NotProcessed).await;
            return Traded::Failed(RefreshError::transient(error), None);
        }
        let spends = context.spends(base);
        let Some(state) = self.state.upgrade() else {
            return Traded::Overtaken;
        };
        let id = context.refresh_token_id(base);
        let (sending, send_before) = state.begin_call(self.stale, spends, id, trade.shared, began);
        let connection = match sending {
            Sending::Over(connection) => connection,
            Sending::Spent => {
                self.settle(trade.claimed(), Settled::NotProcessed).await;
                let error = "token_use does not allow sending the refresh token again";
                return Traded::Failed(RefreshError::unknown(error), None);
            }
            // The token that a sign-in brought is not this refresh's to spend.
            Sending::Overtaken => return Traded::Overtaken,
        };
        drop(state);
        let (claim, send_before) = match self.claim(trade, spends, &mut time.deadline).await {
            Claiming::Send(Some((id, until))) => {
                let until = send_before.map_or(until, |limit| limit.min(until));
                (Some(id), Some(until))
            }
            Claiming::Send(None) => (None, send_before),
            Claiming::LookAgain(claim) => {
                self.not_sent(spends);
                return Traded::Again(claim);
            }
            Claiming::Failed(error) => {
                self.not_sent(spends);
                return Traded::Failed(error, None);
            }
        };
        let call = context.call(base, connection, send_before);
        let asked = context.ask(base, held, &call, spends, tried, &mut time.deadline);
        let error = match asked.await {
            Ok(new) => return Traded::New(NewToken { claim, ..new }),
            Err(error) => error,
        };
        match self.pause(retries, &error, spends, time, began) {
            Some(pause) => {
                let settled = Settled::failed(call_failure(&error, spends));
                if self.settle(claim, settled).await == Some(Delivered::Yes) {
                    pause.await;
                }
                time.tried = RequestedAt::now(&*context.runtime);
                Traded::Again(None)
            }
            None => Traded::Failed(error, claim),
        }
    }

    /// The pause before the next try, if there is one.
    fn pause(
        &self,
        retries: &mut Retries,
        error: &RefreshError,
        spends: Spends,
        time: &CallTime,
        began: Duration,
    ) -> Option<BoxFuture<()>> {
        let (waiting, now) = (self.waiters.count(), self.context.runtime.now());
        let state = self.state.upgrade();
        let again = state.map(|state| state.call_failed(self.stale, error, spends, waiting, now));
        let (took, left) = (now.saturating_sub(began), time.left(&self.context, now));
        let again = again.unwrap_or(Again::No);
        let pause = retries.again(again, error.retry_after(), took, left)?;
        Some(self.context.runtime.sleep(pause))
    }

    /// The refresh token was not sent after all.
    fn not_sent(&self, spends: Spends) {
        let (unsent, now) = (
            RefreshError::transient("not sent"),
            self.context.runtime.now(),
        );
        if let Some(state) = self.state.upgrade() {
            _ = state.call_failed(self.stale, &unsent, spends, 0, now);
        }
    }

    /// Saves the token, then publishes it: requests never use a token that could still be lost.
    /// `None` if another session has stored a newer one, or was signed in or out.
    ///
    /// If the last session is gone, the token is saved for the next one that opens the store.
    async fn commit(&self, mut new: NewToken) -> Option<Outcome> {
        if let (Some(store), Some(claim)) = (&self.context.store, new.claim) {
            let kept = match new.landing.keeps_refresh_token() {
                true => RefreshTokenKept::Yes,
                false => RefreshTokenKept::No,
            };
            new.position = store.settle(claim, Settled::Granted(Arc::clone(&new.token), kept));
            if new.position.is_none() {
                // It belongs to a sign-in that is over.
                self.context.revoke(Some(new.token)).await;
                return Some(Outcome::Overtaken);
            }
            // If the save fails it is tried again later. The token is valid nevertheless.
            if let Ok(Delivered::GivenUp) = self.context.deliver(&self.state).await {
                return None;
            }
        }
        Some(self.publish(new))
    }

    fn publish(&self, new: NewToken) -> Outcome {
        let NewToken {
            token,
            landing,
            position,
            claim: _,
        } = new;
        let now = self.context.runtime.now();
        let hold = || {
            if let (Some(store), Some(position)) = (&self.context.store, position) {
                store.hold(position);
            }
        };
        let state = self.state.upgrade();
        state.map_or(Outcome::Overtaken, |state| {
            state.publish(self.stale, landing, token, now, hold)
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
    /// Where it stands in the store, if there is one.
    position: Option<Position>,
    /// The claim under which it was granted.
    claim: Option<Id>,
}

/// What came of sending the refresh token.
enum Traded {
    New(NewToken),
    /// The refresh looks at the store again. The claim under which nothing was sent yet.
    Again(Option<Id>),
    /// The error, and the claim under which it sent.
    Failed(RefreshError, Option<Id>),
    /// The session was signed in or out meanwhile.
    Overtaken,
}

/// The time limit of the token calls of a refresh.
struct CallTime {
    started: Duration,
    deadline: BoxFuture<()>,
    /// When the last try began.
    tried: RequestedAt,
}

impl CallTime {
    fn new(context: &RefreshContext) -> Self {
        let tried = RequestedAt::now(&*context.runtime);
        Self {
            started: tried.now,
            deadline: context.runtime.sleep(context.call_timeout()),
            tried,
        }
    }

    /// How much of it is left.
    fn left(&self, context: &RefreshContext, now: Duration) -> Duration {
        let ends = self.started.saturating_add(context.call_timeout());
        ends.saturating_sub(now)
    }
}

impl RefreshContext {
    pub(super) fn save_timeout(&self) -> Duration {
        self.refresh_timeout / SAVE_SHARE
    }

    fn call_timeout(&self) -> Duration {
        self.refresh_timeout - self.save_timeout()
    }

    /// Whether a newer token can follow this one: by the grant, or because another session may
    /// leave one in the store.
    pub(super) fn renewable(&self, token: &Token) -> Renewable {
        match self.store.is_some() || self.refresher.can_refresh(token.if_any()) {
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
            position: None,
            claim: None,
        }
    }

    /// Revokes the token of a sign-in that is over, if there is a revocation endpoint.
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
