//! What a holder writes: sign-ins and sign-outs, new tokens, and claims.

use std::collections::VecDeque;
use std::time::Duration;

use super::messages::{Claimed, Clocks, Done, Ids, Next, Operation, RefreshTokenKept, Settled};
use super::record::{Claim, Id, Position, Record, SharedToken};
use super::{Holder, MEMORY, MOST_CONFLICTS};
use crate::Spends;

/// What must be written. Only the last one is kept: it supersedes those before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Pending<T> {
    Fence(Fence<T>),
    /// The token of the record that is known, which a refresh brought.
    Commit(Order),
    /// The end of a claim without a token.
    Release(Id, Released),
}

/// A sign-in or sign-out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Fence<T> {
    token: Option<T>,
    sign_in: Id,
    /// When the session was signed in or out.
    meant: Duration,
    replaces: Replaces,
}

/// Which records a sign-in or sign-out replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Replaces {
    /// What is there when it is delivered; if that is late, as [`UpTo`](Self::UpTo).
    WhatIsThere(u64),
    /// Records up to this epoch.
    UpTo(u64),
}

/// Whether the refresh token was sent after another holder had sent the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Order {
    Unknown,
    /// The claim took the place of the other holder's.
    SentLater,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Released {
    /// The sends that the claim counted are taken back.
    Unsent(u32),
    InDoubt,
    Dead,
}

/// What becomes of what is pending.
enum Delivery<T> {
    Write(Record<T>),
    Done,
    GivenUp,
}

/// A claim of this holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct OwnClaim {
    pub(super) id: Id,
    /// The position of the record that was claimed.
    base: Position,
    pub(super) sent: bool,
    /// Until when the refresh token may be sent.
    pub(super) deadline: Duration,
    over: Claimed,
    /// How many sends it counts.
    pub(super) counts: u32,
}

/// What a save wrote.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wrote {
    Pending,
    /// What is known, over an older record.
    Known,
    Claim(OwnClaim),
}

impl<T: SharedToken, V: Clone> Holder<T, V> {
    /// Signs in with this token, or out. `now` is [`Clocks::now`].
    pub fn fence(&mut self, token: Option<T>, sign_in: Id, now: Duration) {
        let known = self.known.as_ref().map_or(0, |it| it.position.epoch);
        self.begin_fence(token, sign_in, now, Replaces::WhatIsThere(known));
    }

    /// Signs in with this token when a session begins: it takes the place of what was read, and of
    /// nothing else.
    pub fn begin_with(&mut self, token: T, sign_in: Id) {
        let epoch = self.held.epoch;
        self.begin_fence(Some(token), sign_in, Duration::ZERO, Replaces::UpTo(epoch));
    }

    fn begin_fence(&mut self, token: Option<T>, sign_in: Id, meant: Duration, replaces: Replaces) {
        let (Replaces::WhatIsThere(epoch) | Replaces::UpTo(epoch)) = replaces;
        self.held = Position {
            epoch: epoch.saturating_add(1),
            seq: 0,
            sign_in,
        };
        match &self.pending {
            Some(Pending::Fence(before)) => remember(&mut self.superseded, before.sign_in),
            Some(Pending::Release(claim, Released::Unsent(counts))) => {
                remember(&mut self.unsent, (*claim, *counts));
            }
            Some(Pending::Release(..) | Pending::Commit(_)) | None => {}
        }
        self.claim = None;
        self.make_pending(Pending::Fence(Fence {
            token,
            sign_in,
            meant,
            replaces,
        }));
    }

    /// Ends the claim under which the refresh token was sent, or was not. The outcome must be
    /// [delivered](Operation::Deliver).
    ///
    /// Returns the position of the new token, if there is one; `None` if the session was signed in
    /// or out since, and the outcome does not count.
    pub fn settle(&mut self, id: Id, settled: Settled<T>) -> Option<Position> {
        // A flight from before a sign-in may end after a later one has claimed the record.
        let claim = self.claim.take_if(|claim| claim.id == id)?;
        if !claim.base.is_same_sign_in(self.held) {
            return None;
        }
        let released = match settled {
            Settled::Granted(token, kept) => {
                let position = Position {
                    seq: claim.base.seq.saturating_add(1),
                    ..claim.base
                };
                let token_use = self.settings.token_use;
                let known = self.known.as_ref().map_or(token_use, |it| it.token_use);
                let mut record = Record::new(position, Some(token), known.stricter(token_use));
                record.reusable = kept == RefreshTokenKept::Yes;
                self.known = Some(record);
                self.make_pending(Pending::Commit(match claim.over {
                    Claimed::Free => Order::Unknown,
                    Claimed::Over => Order::SentLater,
                }));
                return Some(position);
            }
            Settled::NotProcessed => Released::Unsent(claim.counts),
            Settled::Refused => Released::Dead,
            Settled::Lost => Released::InDoubt,
        };
        self.make_pending(Pending::Release(claim.id, released));
        Some(claim.base)
    }

    fn make_pending(&mut self, pending: Pending<T>) {
        self.pending = Some(pending);
        self.attempts.clear();
        if let Some(running) = &mut self.running
            && let Some((wrote @ Wrote::Pending, _)) = &mut running.wrote
        {
            // What is being written is no longer what is pending.
            *wrote = Wrote::Known;
        }
    }

    /// Writes what is pending, and then does what the operation is for.
    pub(super) fn deliver(&mut self, clocks: Clocks, ids: Ids) -> Next<T, V> {
        let Some(pending) = &self.pending else {
            return match self.running.as_ref().map(|it| (it.operation, it.gave_up)) {
                Some((Operation::Look, _)) => self.call(Next::Load, None, clocks),
                Some((_, true)) => self.end(Done::GivenUp),
                Some(_) | None => self.end(Done::Delivered),
            };
        };
        match pending {
            _ if self.may_have_changed => self.call(Next::Load, None, clocks),
            Pending::Fence(fence) if matches!(fence.replaces, Replaces::WhatIsThere(_)) => {
                self.call(Next::Load, None, clocks)
            }
            Pending::Fence(_) | Pending::Commit(_) | Pending::Release(..) => {
                self.write_pending(clocks, ids)
            }
        }
    }

    /// Writes what is pending over what is there, or gives it up.
    pub(super) fn write_pending(&mut self, clocks: Clocks, ids: Ids) -> Next<T, V> {
        let step = match self.pending.take() {
            Some(Pending::Fence(fence)) => self.fence_record(fence, clocks.now),
            Some(Pending::Commit(order)) => self.commit_record(order),
            Some(Pending::Release(id, released)) => self.release_record(id, released),
            None => Delivery::Done,
        };
        if let Delivery::Write(record) = step {
            remember(&mut self.attempts, ids.write);
            return self.save(record.with_write(ids.write), Wrote::Pending, clocks);
        }
        self.attempts.clear();
        if let Some((there, _)) = &self.there {
            self.know(there.clone());
        }
        if let (Delivery::GivenUp, Some(running)) = (step, &mut self.running) {
            running.gave_up = true;
        }
        self.deliver(clocks, ids)
    }

    fn fence_record(&mut self, fence: Fence<T>, now: Duration) -> Delivery<T> {
        let there = self.there.as_ref().map(|(there, _)| there.position);
        if there.is_some_and(|there| there.sign_in == fence.sign_in) {
            // It was written, and somebody has refreshed its token since.
            return Delivery::Done;
        }
        let epoch = there.map_or(0, |there| there.epoch);
        let last = match fence.replaces {
            Replaces::UpTo(last) => last,
            Replaces::WhatIsThere(known) => {
                let late = now.saturating_sub(fence.meant) > self.settings.patience;
                if late { known } else { known.max(epoch) }
            }
        };
        let own = there.is_some_and(|there| self.superseded.contains(&there.sign_in));
        let last = if own { last.max(epoch) } else { last };
        if epoch > last {
            return Delivery::GivenUp;
        }
        let position = Position {
            epoch: last.saturating_add(1),
            seq: 0,
            sign_in: fence.sign_in,
        };
        if self.held.sign_in == fence.sign_in {
            self.held = position;
        }
        let mut record = Record::new(position, fence.token.clone(), self.settings.token_use);
        let there = self.there.as_ref().map(|(there, _)| there);
        let newest = self.known.iter().chain(there);
        // The last of those that stand equally high is what is there.
        if let Some(before) = newest.max_by_key(|it| it.position.order())
            && let (Some(token), Some(known)) = (&fence.token, &before.token)
            && token.has_same_refresh_token(known)
        {
            // It may have been sent before.
            let unsent = self.unsent_claim(before).unwrap_or(0);
            record.sends = before.sends.saturating_sub(unsent);
            record.reusable = before.reusable;
            record.token_use = record.token_use.stricter(before.token_use);
        }
        self.pending = Some(Pending::Fence(Fence {
            replaces: Replaces::UpTo(last),
            ..fence
        }));
        Delivery::Write(record)
    }

    fn commit_record(&mut self, order: Order) -> Delivery<T> {
        let Some(known) = &self.known else {
            return Delivery::Done;
        };
        let mut record = known.clone();
        if let Some((there, _)) = &self.there {
            let (theirs, ours) = (there.position, record.position);
            if theirs.is_fence_for(ours) {
                return Delivery::GivenUp;
            }
            if theirs.order() >= ours.order() {
                // Two holders traded the same token. The server may have ended what it gave first.
                let next = theirs.seq == ours.seq && there.claim.is_none();
                if !(next && order == Order::SentLater) {
                    // What is there counts as newer, even if the session uses its own already.
                    self.held.seq = self.held.seq.min(ours.seq.saturating_sub(1));
                    self.known = Some(there.clone());
                    return Delivery::GivenUp;
                }
                // What is known stays as it is: the next conflict is compared with it.
                record.position.seq = theirs.seq.saturating_add(1);
            }
        }
        self.pending = Some(Pending::Commit(order));
        Delivery::Write(record)
    }

    fn release_record(&mut self, id: Id, released: Released) -> Delivery<T> {
        let there = self.there.as_ref().map(|(there, _)| there);
        let Some(there) = there.filter(|there| there.claimed_by(id)) else {
            return Delivery::GivenUp;
        };
        let mut record = there.clone();
        match released {
            Released::Unsent(counted) => {
                record.sends = record.sends.saturating_sub(counted);
                record.claim = None;
            }
            Released::InDoubt => {
                if let Some(claim) = &mut record.claim {
                    claim.in_doubt = true;
                }
            }
            Released::Dead => {
                record.dead = true;
                record.claim = None;
            }
        }
        self.pending = Some(Pending::Release(id, released));
        Delivery::Write(record)
    }

    /// Claims the record that was found last.
    pub(super) fn write_claim(
        &mut self,
        spends: Spends,
        base: Position,
        clocks: Clocks,
        ids: Ids,
    ) -> Next<T, V> {
        use super::Standing::{Claimed as Theirs, Dead, Free, Lost, Ours, Unsent};
        let found = self.there.as_ref().map(|(there, _)| there.clone());
        let known = self.known.as_ref().map(|it| it.position.order());
        let found = found.filter(|there| {
            let position = there.position;
            let newest = Some(position.order()) >= known && there.token.is_some();
            // A sign-in may have come since that record was found.
            position == base && position.is_same_sign_in(self.held) && newest
        });
        let Some(mut record) = found else {
            return self.end(Done::GivenUp);
        };
        let counts: u32 = match spends {
            Spends::Nothing => 0,
            Spends::RefreshToken => 1,
        };
        let (over, counted) = match self.standing(&record, clocks) {
            Free => (Claimed::Free, 0),
            Lost => (Claimed::Over, 0),
            // It counted when the first of them was written.
            Unsent | Ours(_) => (Claimed::Free, self.unsent_claim(&record).unwrap_or(0)),
            Theirs { .. } | Dead => return self.end(Done::GivenUp),
        };
        record.sends = record.sends.saturating_add(counts.saturating_sub(counted));
        record.token_use = record.token_use.stricter(self.settings.token_use);
        record.claim = Some(Claim {
            id: ids.claim,
            holder: self.settings.name.clone(),
            in_doubt: false,
            limit: self.settings.limit,
        });
        let claim = OwnClaim {
            id: ids.claim,
            base: record.position,
            sent: false,
            deadline: clocks.now.saturating_add(self.settings.limit),
            over,
            counts: counts.max(counted),
        };
        remember(&mut self.unsent, (claim.id, claim.counts));
        self.save(record.with_write(ids.write), Wrote::Claim(claim), clocks)
    }

    /// Writes what is known over an older record.
    pub(super) fn write_over(&mut self, known: Record<T>, clocks: Clocks, ids: Ids) -> Next<T, V> {
        self.save(known.with_write(ids.write), Wrote::Known, clocks)
    }

    fn save(&mut self, record: Record<T>, wrote: Wrote, clocks: Clocks) -> Next<T, V> {
        let expected = self.there.as_ref().map(|(_, version)| version.clone());
        self.call(Next::Save { expected, record }, Some(wrote), clocks)
    }

    /// A save was done.
    pub(super) fn kept(&mut self, wrote: &Wrote, record: Record<T>, version: V) {
        if self
            .known
            .as_ref()
            .is_some_and(|known| known.position == self.held)
        {
            self.held = record.position;
        }
        self.known = Some(record.clone());
        self.there = Some((record, version));
        self.may_have_changed = false;
        match wrote {
            Wrote::Pending => {
                self.pending = None;
                self.attempts.clear();
            }
            // A sign-in may have come meanwhile.
            Wrote::Claim(claim) => {
                self.sent_at = Some(claim.base);
                self.claim = Some(*claim).filter(|it| it.base.is_same_sign_in(self.held));
            }
            Wrote::Known => {}
        }
    }

    /// Goes on after a save that was done.
    pub(super) fn after_save(&mut self, wrote: &Wrote, clocks: Clocks, ids: Ids) -> Next<T, V> {
        match wrote {
            Wrote::Pending => self.deliver(clocks, ids),
            Wrote::Claim(_) if self.claim.is_none() => self.end(Done::GivenUp),
            Wrote::Claim(claim) => self.end(Done::Claimed(claim.over, claim.id)),
            Wrote::Known if self.pending.is_some() => self.deliver(clocks, ids),
            Wrote::Known => self.look(clocks, ids),
        }
    }

    /// Goes on after a save that found what somebody else wrote.
    pub(super) fn conflicted(&mut self, wrote: &Wrote, clocks: Clocks, ids: Ids) -> Next<T, V> {
        if let Some(running) = &mut self.running {
            running.conflicts += 1;
            if running.conflicts >= MOST_CONFLICTS {
                return self.end(Done::Failed);
            }
        }
        match wrote {
            _ if self.pending.is_some() => self.write_pending(clocks, ids),
            Wrote::Pending | Wrote::Known | Wrote::Claim(_) => self.look(clocks, ids),
        }
    }

    /// A call failed, or its answer is lost.
    pub(super) fn failed(&mut self, wrote: Option<Wrote>) {
        self.may_have_changed |= wrote.is_some();
        match &mut self.pending {
            // A sign-in that was not delivered now is late.
            Some(Pending::Fence(fence)) => {
                if let Replaces::WhatIsThere(known) = fence.replaces {
                    fence.replaces = Replaces::UpTo(known);
                }
            }
            // What is found next can be this token, which others have sent since.
            Some(Pending::Commit(order)) if wrote == Some(Wrote::Pending) => {
                *order = Order::Unknown
            }
            Some(Pending::Commit(_) | Pending::Release(..)) | None => {}
        }
        if let Some(Wrote::Claim(claim)) = wrote
            && self.pending.is_none()
        {
            // It may have been written: others need not wait for it.
            self.make_pending(Pending::Release(claim.id, Released::Unsent(claim.counts)));
        }
    }
}

fn remember<I>(ids: &mut VecDeque<I>, id: I) {
    if ids.len() == MEMORY {
        ids.pop_front();
    }
    ids.push_back(id);
}
