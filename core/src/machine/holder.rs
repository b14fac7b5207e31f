//! One session among all that share a record: what it finds there, and what it writes.
//!
//! It decides whether a stored record is older, newer or of another sign-in, whether the refresh
//! token may be sent, and what may take the place of what others wrote. It never calls a store, and
//! does not know what a token is.

mod messages;
mod record;
mod writes;

use std::collections::VecDeque;
use std::time::Duration;

pub use messages::{
    Age, Answer, Claimed, Clocks, Done, Found, HolderSettings, Ids, Next, Operation,
    RefreshTokenKept, Sent, Settled, Standing,
};
pub use record::{Claim, Id, OtherRefreshToken, Position, Record, SharedToken};
use writes::{OwnClaim, Pending, Wrote};

/// One session among all that share a record.
///
/// Everything that it does with the store is an [`Operation`]: [`start`](Self::start) says what to
/// call first, and [`answered`](Self::answered) what to call next. Operations do not overlap. The
/// protocol is *claim, send, commit*: a holder that wants to send the refresh token looks at the
/// record, writes a claim into it, sends, and writes the new token. Each write is conditional:
/// there is no lock, and no clock is compared with another machine's.
///
/// `T` is a token, and `V` the version of a record, which the store gives it.
#[doc = include_str!("../../docs/holder.md")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Holder<T, V> {
    settings: HolderSettings,
    /// The position of the token that the session uses.
    held: Position,
    /// The record of the highest position that was seen, written or granted; `None` if nothing was
    /// stored.
    known: Option<Record<T>>,
    /// What the store had last.
    there: Option<(Record<T>, V)>,
    /// Whether a save whose outcome is unknown may have changed it since.
    may_have_changed: bool,
    pending: Option<Pending<T>>,
    /// The saves of what is pending whose outcome is unknown.
    attempts: VecDeque<Id>,
    claim: Option<OwnClaim>,
    /// The sign-ins and sign-outs of this holder that were superseded before they were written, or
    /// before that was known.
    superseded: VecDeque<Id>,
    /// Claims that may have been written, and under which nothing was sent, with how many sends
    /// they count.
    unsent: VecDeque<(Id, u32)>,
    /// The claim of another holder, and when it was first seen.
    sighted: Option<(Id, Duration)>,
    /// The claim whose holder is known to be gone.
    gone: Option<Id>,
    /// When the refresh token of this position was last seen unsent.
    unsent_at: Option<(Position, Duration)>,
    /// The position whose refresh token was last seen sent.
    sent_at: Option<Position>,
    running: Option<Running<T>>,
}

/// The operation in progress.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Running<T> {
    operation: Operation,
    /// When the store was called.
    asked: Duration,
    /// What was written, if the store was called to save.
    wrote: Option<(Wrote, Record<T>)>,
    conflicts: u8,
    gave_up: bool,
}

/// How many conflicts end an operation.
const MOST_CONFLICTS: u8 = 16;

/// How many claims, saves and sign-ins of each kind are remembered.
const MEMORY: usize = 16;

/// Added to the limit of a claim before it is judged lost, because clocks do not run alike.
pub(crate) const MARGIN: Duration = Duration::from_secs(1);

impl<T: SharedToken, V: Clone> Holder<T, V> {
    /// A holder that has read this record, and uses its token.
    #[must_use]
    pub fn new(settings: HolderSettings, there: Option<(Record<T>, V)>) -> Self {
        let known = there.as_ref().map(|(record, _)| record.clone());
        Self {
            settings,
            held: known
                .as_ref()
                .map_or_else(Position::default, |it| it.position),
            known,
            there,
            may_have_changed: false,
            pending: None,
            attempts: VecDeque::new(),
            claim: None,
            superseded: VecDeque::new(),
            unsent: VecDeque::new(),
            sighted: None,
            gone: None,
            unsent_at: None,
            sent_at: None,
            running: None,
        }
    }

    /// Whether something must be written.
    #[must_use]
    pub const fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Whether a token, a sign-in or a sign-out must be written.
    #[must_use]
    pub const fn is_unsaved(&self) -> bool {
        matches!(self.pending, Some(Pending::Fence(_) | Pending::Commit(_)))
    }

    /// The version of the record that the store had last.
    #[must_use]
    pub fn version(&self) -> Option<&V> {
        self.there.as_ref().map(|(_, version)| version)
    }

    /// Begins an operation.
    pub fn start(&mut self, operation: Operation, clocks: Clocks, ids: Ids) -> Next<T, V> {
        self.running = Some(Running {
            operation,
            asked: clocks.now,
            wrote: None,
            conflicts: 0,
            gave_up: false,
        });
        match operation {
            Operation::Deliver | Operation::Look => self.deliver(clocks, ids),
            // A sign-in has come since, or another operation.
            Operation::Claim(..) if self.pending.is_some() => self.end(Done::GivenUp),
            Operation::Claim(spends, base) => self.write_claim(spends, base, clocks, ids),
        }
    }

    /// Goes on with the operation, after a call of the store.
    pub fn answered(&mut self, answer: Answer<T, V>, clocks: Clocks, ids: Ids) -> Next<T, V> {
        let Some(running) = &mut self.running else {
            return Next::Done(Done::Failed);
        };
        let wrote = running.wrote.take();
        match (answer, wrote) {
            // A save of what is pending was done, although it seemed to fail.
            (Answer::Loaded(Some((there, version))), None)
                if self.attempts.contains(&there.write) =>
            {
                self.kept(&Wrote::Pending, there, version);
                self.deliver(clocks, ids)
            }
            (Answer::Loaded(there), None) => {
                self.see(there);
                match &self.pending {
                    Some(_) => self.write_pending(clocks, ids),
                    None => self.look(clocks, ids),
                }
            }
            (Answer::Kept(version), Some((wrote, record))) => {
                self.kept(&wrote, record, version);
                self.after_save(&wrote, clocks, ids)
            }
            (Answer::Conflict(there), Some((wrote, record))) => {
                let ours = there.as_ref().is_some_and(|(there, _)| {
                    there.write == record.write || self.attempts.contains(&there.write)
                });
                match (ours, there) {
                    // The save was done, although the store said that it failed.
                    (true, Some((record, version))) => {
                        self.kept(&wrote, record, version);
                        self.after_save(&wrote, clocks, ids)
                    }
                    (_, there) => {
                        self.see(there);
                        self.conflicted(&wrote, clocks, ids)
                    }
                }
            }
            (Answer::Failed | Answer::Loaded(_) | Answer::Kept(_) | Answer::Conflict(_), wrote) => {
                self.failed(wrote.map(|(wrote, _)| wrote));
                self.end(Done::Failed)
            }
        }
    }

    /// Records that the store knows that the holder of this claim is gone.
    pub fn gone(&mut self, claim: Id) {
        self.gone = Some(claim);
    }

    /// Until when the refresh token may be sent under this claim: it counts as sent from now on.
    /// `None` if it may not be sent: look again.
    ///
    /// `now` and the answer are times of [`Clocks::now`].
    pub fn begin_send(&mut self, id: Id, now: Duration) -> Option<Duration> {
        let claim = self.claim.as_mut();
        let claim = claim.filter(|claim| claim.id == id && now < claim.deadline)?;
        claim.sent = true;
        self.unsent.retain(|(unsent, _)| *unsent != id);
        Some(claim.deadline)
    }

    /// Records that the session uses the token of this position. One of another sign-in is ignored.
    pub fn hold(&mut self, position: Position) {
        if position.is_same_sign_in(self.held) {
            self.held = position;
        }
    }

    /// Follows the sign-in or sign-out of another holder. `false` if the session itself was signed
    /// in or out since.
    #[must_use]
    pub fn follow(&mut self, fence: &Record<T>) -> bool {
        if matches!(self.pending, Some(Pending::Fence(_)))
            || !fence.position.is_fence_for(self.held)
        {
            return false;
        }
        self.held = fence.position;
        self.pending = None;
        self.claim = None;
        true
    }

    /// Records what is known, after which nothing older is adopted.
    fn know(&mut self, record: Record<T>) {
        let known = self.known.as_ref();
        if known.is_none_or(|known| known.is_at_most(&record)) {
            self.known = Some(record);
        }
    }

    fn see(&mut self, there: Option<(Record<T>, V)>) {
        self.there = there;
        self.may_have_changed = false;
        let (Some((record, _)), Some(running)) = (&self.there, &self.running) else {
            return;
        };
        if record.sends > 0 {
            self.sent_at = Some(record.position);
        } else if self.sent_at != Some(record.position) {
            // If it was seen sent before, this may be a stale read.
            self.unsent_at = Some((record.position, running.asked));
        }
    }

    /// Compares what the store has with what the session knows.
    fn look(&mut self, clocks: Clocks, ids: Ids) -> Next<T, V> {
        let Some((there, _)) = &self.there else {
            return match &self.known {
                Some(known) => self.write_over(known.clone(), clocks, ids),
                None => self.end(Done::Found(Found::Nothing)),
            };
        };
        let position = there.position;
        if let Some(known) = &self.known
            && position.order() < known.position.order()
        {
            let known = known.clone();
            return self.write_over(known, clocks, ids);
        }
        let record = there.clone();
        self.known = Some(record.clone());
        if position.is_fence_for(self.held) {
            return self.end(Done::Found(Found::Fence(record)));
        }
        let Some(token) = record.token.clone() else {
            return self.end(Done::Found(Found::SignedOut));
        };
        let found = Found::Token {
            token,
            position,
            age: match position.seq > self.held.seq {
                true => Age::Newer,
                false => Age::Same,
            },
            standing: self.standing(&record, clocks),
            sent: self.sent(&record),
        };
        self.end(Done::Found(found))
    }

    fn standing(&mut self, record: &Record<T>, clocks: Clocks) -> Standing {
        if record.dead {
            return Standing::Dead;
        }
        let Some(claim) = &record.claim else {
            return Standing::Free;
        };
        if let Some(own) = self.claim.filter(|own| own.id == claim.id) {
            return match own.sent {
                true => Standing::Lost,
                false if clocks.now < own.deadline => Standing::Ours(own.id),
                false => Standing::Unsent,
            };
        }
        if self.unsent_claim(record).is_some() {
            return Standing::Unsent;
        }
        if claim.in_doubt || self.gone == Some(claim.id) {
            return Standing::Lost;
        }
        let since = match self.sighted {
            Some((id, since)) if id == claim.id => since,
            Some(_) | None => clocks.monotonic,
        };
        self.sighted = Some((claim.id, since));
        let seen_for = clocks.monotonic.saturating_sub(since);
        let limit = self.settings.limit.max(claim.limit);
        let lost_in = limit.saturating_add(MARGIN).saturating_sub(seen_for);
        match lost_in.is_zero() {
            true => Standing::Lost,
            false => Standing::Claimed {
                id: claim.id,
                holder: claim.holder.clone(),
                seen_for,
                lost_in,
            },
        }
    }

    /// How many sends an unsent claim of one's own counts, if the record has one.
    fn unsent_claim(&self, record: &Record<T>) -> Option<u32> {
        let mut unsent = self.unsent.iter();
        let own = unsent.find(|(id, _)| record.claimed_by(*id));
        own.map(|(_, counts)| *counts)
    }

    fn sent(&self, record: &Record<T>) -> Sent {
        // A claim of one's own counts once it is sent under.
        let own = self.unsent_claim(record).unwrap_or(0);
        let here = |(position, _): &(Position, Duration)| *position == record.position;
        Sent {
            sends: record.sends.saturating_sub(own),
            reusable: record.reusable,
            not_before: self.unsent_at.filter(here).map(|(_, at)| at),
            token_use: record.token_use.stricter(self.settings.token_use),
        }
    }

    fn end(&mut self, done: Done<T>) -> Next<T, V> {
        self.running = None;
        Next::Done(done)
    }

    fn call(&mut self, next: Next<T, V>, wrote: Option<Wrote>, clocks: Clocks) -> Next<T, V> {
        let Some(running) = &mut self.running else {
            return Next::Done(Done::Failed);
        };
        running.asked = clocks.now;
        running.wrote = match (&next, wrote) {
            (Next::Save { record, .. }, Some(wrote)) => Some((wrote, record.clone())),
            _ => None,
        };
        next
    }
}

#[cfg(test)]
mod tests;
