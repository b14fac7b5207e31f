//! What a refresh does with the store: it looks, claims, and says what came of it.
//!
//! Everything here is decided by the [`Holder`](crate::machine::Holder) and by
//! [`StoredToken::usage`]. Without a store it does nothing.

use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::FutureExt;

use super::{CallTime, NewToken, Refresh, RefreshContext, RequestedAt};
use crate::machine::holder::{Claimed, Found, Id, Position, Sent, Settled, Standing};
use crate::machine::{
    AccessTokenChange, Landing, RefreshTokenChange, StoredAccessToken, StoredToken, StoredTokenUse,
    TAKEOVER_PAUSE, Term, Waits,
};
use crate::runtime::{BoxFuture, before, within};
use crate::session::events::EventKind;
use crate::session::flight::Outcome;
use crate::session::store_queue::{Delivered, StoredRecord};
use crate::session::token_state::{FenceToken, TokenState};
use crate::store::StoreFailure;
use crate::{RefreshError, Spends, Token};

/// What a refresh does after a look at the store.
pub(super) enum Looked {
    /// It trades this token.
    Trade(Trade),
    /// It publishes a token that another session has stored.
    Adopt(NewToken),
    /// It ends: another session was signed in or out.
    Follow(Outcome),
    Failed(RefreshError),
}

/// A token that is to be traded.
pub(super) struct Trade {
    pub(super) base: Arc<Token>,
    /// What all sessions know of it that share it; `None` without a store.
    pub(super) shared: Option<Sent>,
    claim: Claim,
}

impl Trade {
    /// The claim, if it is made.
    pub(super) const fn claimed(&self) -> Option<Id> {
        match self.claim {
            Claim::Made(id) => Some(id),
            Claim::Needed(_) => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// It is needed for the record here.
    Needed(Position),
    Made(Id),
}

/// Whether a claim allows the refresh token to be sent.
pub(super) enum Claiming {
    /// It does, until then; `None` without a store.
    Send(Option<(Id, Duration)>),
    /// Not yet. The claim, if it is made.
    LookAgain(Option<Id>),
    Failed(RefreshError),
}

/// How long a refresh has waited for another session.
pub(super) struct Waiting {
    waits: Waits,
    since: Option<Duration>,
}

impl Waiting {
    pub(super) const fn new(context: &RefreshContext) -> Self {
        Self {
            waits: Waits::new(context.refresh_timeout),
            since: None,
        }
    }

    /// The next pause. The first one is an event.
    fn next(
        &mut self,
        context: &RefreshContext,
        standing: &Standing,
        lost_in: Duration,
    ) -> Option<Duration> {
        let now = context.runtime.now();
        if self.since.is_none()
            && let Standing::Claimed {
                holder, seen_for, ..
            } = standing
        {
            context.events.record(EventKind::ClaimedElsewhere {
                holder: Arc::clone(holder),
                seen_for: *seen_for,
            });
            context.events.deliver();
        }
        let since = *self.since.get_or_insert(now);
        let jitter = context.runtime.jitter();
        self.waits.next(now.saturating_sub(since), lost_in, jitter)
    }
}

impl Refresh {
    /// Looks at the store, and waits while another session has claimed the record.
    pub(super) async fn look(
        &self,
        base: Arc<Token>,
        held: &Token,
        time: &mut CallTime,
        waiting: &mut Waiting,
    ) -> Looked {
        let context = &*self.context;
        let Some(store) = &context.store else {
            return Looked::Trade(Trade {
                base,
                shared: None,
                claim: Claim::Needed(Position::default()),
            });
        };
        loop {
            if (&mut time.deadline).now_or_never().is_some() {
                let error = "too little of the refresh timeout was left for another try";
                return Looked::Failed(RefreshError::transient(error));
            }
            let too_long = || Err(StoreFailure::new("the store took too long"));
            let found = before(&mut time.deadline, store.look()).await;
            let in_time = (&mut time.deadline).now_or_never().is_none();
            let found = found.filter(|_| in_time).unwrap_or_else(too_long);
            let found = match found {
                Ok(found) => found,
                Err(error) => return Looked::Failed(RefreshError::transient(error)),
            };
            let (token, position, age, standing, sent) = match found {
                Found::Token {
                    token,
                    position,
                    age,
                    standing,
                    sent,
                } => (token, position, age, standing, sent),
                Found::Fence(record) => return Looked::Follow(self.follow(&record)),
                Found::Nothing | Found::SignedOut => {
                    let error = "the store has no token: sign in";
                    return Looked::Failed(RefreshError::refused(error));
                }
            };
            let stored = context.compare(&token, held, time.tried);
            let claim = match stored.usage(age, &standing) {
                StoredTokenUse::Adopt => {
                    return Looked::Adopt(context.adopted(token, held, position, time.tried));
                }
                StoredTokenUse::Refused => {
                    let error = "the token server has refused the refresh token of another session";
                    return Looked::Failed(RefreshError::refused(error));
                }
                StoredTokenUse::Claim => Claim::Needed(position),
                StoredTokenUse::Send(id) => Claim::Made(id),
                StoredTokenUse::Wait(lost_in) => {
                    let Some(pause) = waiting.next(context, &standing, lost_in) else {
                        return Looked::Failed(claimed_elsewhere(&standing));
                    };
                    store.wait(&standing, pause).await;
                    // The time limit is for the calls of this session.
                    *time = CallTime::new(context);
                    continue;
                }
            };
            return Looked::Trade(Trade {
                base: token,
                shared: Some(sent),
                claim,
            });
        }
    }

    /// Claims the record, if that was not done, and says until when the refresh token may be sent.
    pub(super) async fn claim(
        &self,
        trade: &Trade,
        spends: Spends,
        deadline: &mut BoxFuture<()>,
    ) -> Claiming {
        let context = &*self.context;
        let Some(store) = &context.store else {
            return Claiming::Send(None);
        };
        let id = match trade.claim {
            Claim::Made(id) => id,
            Claim::Needed(base) => {
                let claimed = before(deadline, store.claim(spends, base)).await;
                let too_long = || Err(StoreFailure::new("the store took too long"));
                match claimed.unwrap_or_else(too_long) {
                    Ok(Some((Claimed::Free, id))) => id,
                    Ok(Some((Claimed::Over, id))) => {
                        context.runtime.sleep(TAKEOVER_PAUSE).await;
                        return Claiming::LookAgain(Some(id));
                    }
                    Ok(None) => return Claiming::LookAgain(None),
                    Err(error) => {
                        // It may have been written.
                        self.context.retry_later(&self.state);
                        return Claiming::Failed(RefreshError::transient(error));
                    }
                }
            }
        };
        match store.begin_send(id, context.runtime.now()) {
            Some(until) => Claiming::Send(Some((id, until))),
            None => Claiming::LookAgain(Some(id)),
        }
    }

    /// Ends the claim, if there is one, with this outcome; `None` if it does not count, or the
    /// store failed.
    pub(super) async fn settle(
        &self,
        claim: Option<Id>,
        settled: Settled<Arc<Token>>,
    ) -> Option<Delivered> {
        let (Some(store), Some(claim)) = (&self.context.store, claim) else {
            return Some(Delivered::Yes);
        };
        store.settle(claim, settled)?;
        self.context.deliver(&self.state).await.ok()
    }

    /// Ends the refresh after a failed call. Where another session has taken over the claim, it may
    /// have a newer token.
    pub(super) async fn failed(
        &self,
        error: RefreshError,
        claim: Option<Id>,
        trade: Trade,
        held: &Token,
    ) -> Outcome {
        let failure = super::call_failure(&error, self.context.spends(&trade.base));
        // The save and the look share the time that is left.
        let mut time = CallTime::new(&self.context);
        time.deadline = self.context.runtime.sleep(self.context.save_timeout());
        let settled = self.settle(claim, Settled::failed(failure)).await;
        if settled == Some(Delivered::GivenUp) {
            // It does not wait: another flight does.
            let mut waiting = Waiting {
                waits: Waits::new(Duration::ZERO),
                since: Some(Duration::ZERO),
            };
            match self.look(trade.base, held, &mut time, &mut waiting).await {
                Looked::Adopt(new) => return self.publish(new),
                Looked::Follow(outcome) => return outcome,
                // The error of the call says more.
                Looked::Trade(_) | Looked::Failed(_) => {}
            }
        }
        self.fail(error)
    }

    /// Looks for a sign-in of another session, for a session that is signed out.
    pub(super) async fn look_for_sign_in(&self, state: &TokenState) -> Outcome {
        let context = &*self.context;
        if let Some(store) = &context.store {
            let found = within(&*context.runtime, context.save_timeout(), store.look()).await;
            if let Some(Ok(Found::Fence(record))) = found {
                return self.follow(&record);
            }
        }
        state.still_signed_out(self.stale, context.runtime.now())
    }

    fn follow(&self, record: &StoredRecord) -> Outcome {
        let state = self.state.upgrade();
        state.map_or(Outcome::Overtaken, |state| {
            self.context.follow(&state, record)
        })
    }
}

impl RefreshContext {
    /// Follows a sign-in or sign-out of another session.
    fn follow(&self, state: &TokenState, record: &StoredRecord) -> Outcome {
        let Some(store) = &self.store else {
            return Outcome::Overtaken;
        };
        let token = record.token.clone().map(|token| self.fence_token(token));
        let outcome = state.follow(token, &*self.runtime, || store.follow(record));
        self.events.deliver();
        outcome
    }

    pub(in crate::session) fn fence_token(&self, token: Arc<Token>) -> FenceToken {
        let renewable = self.renewable(&token);
        let id = self.refresh_token_id(&token);
        (token, renewable, id)
    }

    /// Writes to the store what it has not saved yet, and what fails again later.
    ///
    /// The timeout is for the whole wait, the queue's own jobs before this one included; the queue
    /// bounds each job, so that one that hangs does not block the next.
    pub(in crate::session) async fn deliver(
        self: &Arc<Self>,
        state: &Weak<TokenState>,
    ) -> Result<Delivered, StoreFailure> {
        let Some(store) = &self.store else {
            return Ok(Delivered::Yes);
        };
        let delivered = within(&*self.runtime, self.save_timeout(), store.deliver()).await;
        self.events.deliver();
        self.retry_later(state);
        delivered.unwrap_or_else(|| Err(StoreFailure::new("the store took too long")))
    }

    /// As [`deliver`](Self::deliver). If a sign-in or sign-out was given up, follows the one that
    /// stands.
    pub(in crate::session) async fn deliver_or_follow(
        self: &Arc<Self>,
        state: &Arc<TokenState>,
    ) -> Result<Delivered, StoreFailure> {
        let delivered = self.deliver(&Arc::downgrade(state)).await?;
        if delivered == Delivered::GivenUp
            && let Some(store) = &self.store
        {
            let found = within(&*self.runtime, self.save_timeout(), store.look()).await;
            if let Some(Ok(Found::Fence(record))) = found {
                self.follow(state, &record);
            }
        }
        Ok(delivered)
    }

    /// Sees that what is not saved is written again: by a task, or else by the next request.
    fn retry_later(self: &Arc<Self>, state: &Weak<TokenState>) {
        let (Some(store), Some(state)) = (&self.store, state.upgrade()) else {
            return;
        };
        let pending = store.retry_in().is_some();
        match self.runtime.spawner() {
            None => state.set_unsaved(pending),
            Some(spawner) if pending && store.begin_retries() => {
                let retries = retry(Arc::downgrade(self), Arc::downgrade(&state));
                spawner.spawn(Box::pin(retries));
            }
            Some(_) => {}
        }
    }

    fn compare(&self, stored: &Token, held: &Token, tried: RequestedAt) -> StoredToken {
        let access_token = match stored.access_token() == held.access_token() {
            _ if !stored.signs() => StoredAccessToken::Absent,
            true => StoredAccessToken::Same,
            false => StoredAccessToken::Other,
        };
        StoredToken::new(access_token, stored.lifetime(tried.wall_clock))
    }

    fn adopted(
        &self,
        token: Arc<Token>,
        held: &Token,
        position: Position,
        tried: RequestedAt,
    ) -> NewToken {
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
            position: Some(position),
            claim: None,
        }
    }
}

/// Writes what is pending, with growing pauses, while there is a session.
async fn retry(context: Weak<RefreshContext>, state: Weak<TokenState>) {
    while let Some(sleep) = pause(&context) {
        sleep.await;
        let (Some(context), Some(state)) = (context.upgrade(), state.upgrade()) else {
            return;
        };
        _ = context.deliver_or_follow(&state).await;
    }
    if let Some(context) = context.upgrade()
        && let Some(store) = &context.store
    {
        store.end_retries();
        // Something may have become pending before the line above.
        context.retry_later(&state);
    }
}

fn pause(context: &Weak<RefreshContext>) -> Option<BoxFuture<()>> {
    let context = context.upgrade()?;
    let pause = context.store.as_ref()?.retry_in()?;
    Some(context.runtime.sleep(pause))
}

/// The error of a refresh that waited for another session in vain.
fn claimed_elsewhere(standing: &Standing) -> RefreshError {
    match standing {
        Standing::Claimed {
            holder, seen_for, ..
        } => {
            let seconds = seen_for.as_secs();
            RefreshError::transient(format!(
                "another session is refreshing the token: {holder}, for at least {seconds} s",
            ))
        }
        Standing::Free | Standing::Unsent | Standing::Ours(_) | Standing::Lost | Standing::Dead => {
            RefreshError::transient("another session is refreshing the token")
        }
    }
}
