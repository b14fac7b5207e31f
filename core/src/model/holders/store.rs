//! The store, and what each write into it is compared with.

use std::hash::{Hash, Hasher};

use super::ledger::Ledger;
use super::server::Token;
use super::setup::{LIMIT, PATIENCE};
use crate::machine::holder::{Answer, Id, Record};

/// The version of a record is the number of its write: no two are equal.
#[derive(Clone, Debug)]
pub(super) struct Store {
    pub(super) record: Record<Token>,
    pub(super) before: Option<Record<Token>>,
    pub(super) claimed: Option<Claimed>,
    /// When the sign-in or sign-out of the record was written.
    fenced: u32,
    /// Saves that their holders have given up.
    pub(super) late: Vec<Late>,
    /// The sign-ins and sign-outs, in order.
    pub(super) fences: Vec<Fence>,
}

/// The claim of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Claimed {
    at: u32,
    pub(super) takeover: Takeover,
    pub(super) owner: Owner,
}

/// Whether the process of a claim still runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Owner {
    Up,
    /// It crashed.
    Gone,
}

/// Whether a claim took the place of somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Takeover {
    No,
    Unseen,
    /// Its holder has looked again since.
    LookedAt,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Late {
    pub(super) expected: Option<Id>,
    pub(super) record: Record<Token>,
    /// The holder, unless it crashed.
    pub(super) by: Option<u8>,
    /// Whether the claim in the record that it replaces is its holder's.
    pub(super) owns_claim: bool,
}

/// A sign-in or sign-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fence {
    pub(super) id: Id,
    pub(super) meant: u32,
    pub(super) by: u8,
}

/// Who writes, when, and whose claims are whose.
pub(super) struct Writer {
    pub(super) now: u32,
    /// Whether the claim of the record is the writer's.
    pub(super) owns_claim: bool,
    pub(super) owner: Owner,
}

impl Store {
    pub(super) fn new(record: Record<Token>) -> Self {
        Self {
            record,
            before: None,
            claimed: None,
            fenced: 0,
            late: Vec::new(),
            fences: Vec::new(),
        }
    }

    /// The holder of the claim sees that it is still there.
    pub(super) fn look_at_claim(&mut self) {
        if let Some(claimed) = &mut self.claimed
            && claimed.takeover == Takeover::Unseen
        {
            claimed.takeover = Takeover::LookedAt;
        }
    }

    /// The process of the claim crashes.
    pub(super) fn lose_owner(&mut self) {
        if let Some(claimed) = &mut self.claimed {
            claimed.owner = Owner::Gone;
        }
    }

    /// The claim whose process is known to be gone.
    pub(super) fn orphan(&self) -> Option<Id> {
        let gone = self.claimed.is_some_and(|it| it.owner == Owner::Gone);
        let claim = self.record.claim.as_ref().filter(|_| gone)?;
        Some(claim.id)
    }

    pub(super) fn there(&self) -> Option<(Record<Token>, Id)> {
        Some((self.record.clone(), self.record.write))
    }

    /// Hashes the store. What was there before matters only if it can come back.
    pub(super) fn hash_into(&self, hasher: &mut impl Hasher, history: bool) {
        let Self {
            record,
            before,
            claimed,
            fenced,
            late,
            fences,
        } = self;
        (record, claimed, fenced, late.len(), fences.len()).hash(hasher);
        for late in late {
            (&late.expected, &late.record, late.owns_claim).hash(hasher);
        }
        for fence in fences {
            (fence.id, fence.meant).hash(hasher);
        }
        if history {
            before.hash(hasher);
        }
    }

    pub(super) fn is_there(&self, expected: Option<Id>) -> bool {
        expected == Some(self.record.write)
    }

    /// Saves the record if the version is there.
    pub(super) fn save(
        &mut self,
        expected: Option<Id>,
        record: Record<Token>,
        writer: Writer,
        ledger: &mut Ledger,
    ) -> Result<Answer<Token, Id>, &'static str> {
        if !self.is_there(expected) {
            return Ok(Answer::Conflict(self.there()));
        }
        let version = record.write;
        self.compare(&record, &writer, ledger)?;
        if self.record.position.sign_in != record.position.sign_in {
            self.fenced = writer.now;
        }
        self.claimed = self.claim_of(&record, &writer);
        self.before = Some(std::mem::replace(&mut self.record, record));
        self.prune();
        Ok(Answer::Kept(version))
    }

    /// Forgets the saves that can no longer be done.
    fn prune(&mut self) {
        let there = self.record.write;
        self.late.retain(|late| late.expected == Some(there));
    }

    pub(super) fn restore(&mut self, write: Id) {
        if let Some(mut before) = self.before.take() {
            before.write = write;
            self.record = before;
            self.claimed = self.record.claim.as_ref().map(|_| Claimed {
                at: 0,
                takeover: Takeover::No,
                owner: Owner::Up,
            });
            self.prune();
        }
    }

    fn claim_of(&self, record: &Record<Token>, writer: &Writer) -> Option<Claimed> {
        let claim = record.claim.as_ref()?;
        let old = self.record.claim.as_ref();
        if old.is_some_and(|old| old.id == claim.id) {
            return self.claimed;
        }
        let takeover = match old {
            Some(_) if !writer.owns_claim => Takeover::Unseen,
            Some(_) | None => Takeover::No,
        };
        let at = writer.now;
        let owner = writer.owner;
        Some(Claimed {
            at,
            takeover,
            owner,
        })
    }

    fn compare(
        &self,
        new: &Record<Token>,
        writer: &Writer,
        ledger: &mut Ledger,
    ) -> Result<(), &'static str> {
        let old = &self.record;
        let order = |record: &Record<Token>| (record.position.epoch, record.position.seq);
        if order(new) < order(old) && !ledger.restored {
            return Err("promise 10: a record never takes the place of a newer one");
        }
        if new.position.sign_in != old.position.sign_in {
            return self.compare_fences(new, ledger);
        }
        if new.position.epoch != old.position.epoch && !ledger.restored {
            return Err("promise 13: a sign-in is written once");
        }
        if order(new) == order(old) {
            self.compare_claims(new, writer, ledger)?;
        } else if let (Some(theirs), Some(ours)) = (old.token, new.token)
            && theirs.refresh > ours.refresh
        {
            return Err("promise 10: a token never takes the place of a newer one");
        }
        let Some(token) = new.token else {
            return Ok(());
        };
        if new.dead && !ledger.is_refused(token) {
            return Err("promise 11: a record is dead only if the server has refused its token");
        }
        let is_new = order(new) > order(old) && !ledger.restored;
        if is_new && ledger.is_refused(token) {
            return Err(
                "promise 11: a token that the server has refused is not written as a good one",
            );
        }
        let counted = new.reusable || ledger.restored || new.sends >= ledger.times_sent(token);
        match counted {
            true => Ok(()),
            false => Err("promise 23: every send is counted in the record"),
        }
    }

    /// A sign-in or sign-out takes the place of another one.
    fn compare_fences(&self, new: &Record<Token>, ledger: &Ledger) -> Result<(), &'static str> {
        if new.position.epoch <= self.record.position.epoch && !ledger.restored {
            return Err("promise 13: the epoch rises with each sign-in and sign-out");
        }
        let find = |id| self.fences.iter().position(|fence| fence.id == id);
        let Some(at) = find(new.position.sign_in) else {
            return match ledger.restored {
                true => Ok(()),
                false => Err("promise 13: only a sign-in or sign-out begins an epoch"),
            };
        };
        let fence = self.fences[at];
        let old = find(self.record.position.sign_in);
        if let Some(old) = old.filter(|old| self.fences[*old].by == fence.by) {
            return match at > old {
                true => Ok(()),
                false => Err("promise 13: the last word of a holder stays"),
            };
        }
        match self.fenced > fence.meant + PATIENCE.as_secs() as u32 {
            true => Err("promise 13: a late sign-in does not replace what was written since"),
            false => Ok(()),
        }
    }

    /// A write that brings no new token.
    fn compare_claims(
        &self,
        new: &Record<Token>,
        writer: &Writer,
        ledger: &mut Ledger,
    ) -> Result<(), &'static str> {
        let old = &self.record;
        if new.token != old.token {
            return Err("promise 10: a new token has a new position");
        }
        if old.dead && !new.dead {
            return Err("promise 11: what the server has refused stays refused");
        }
        let Some(claim) = &old.claim else {
            return Ok(());
        };
        if new
            .claim
            .as_ref()
            .is_some_and(|new| new.id == claim.id && new.in_doubt == claim.in_doubt)
            || writer.owns_claim
            || ledger.restored
        {
            return Ok(());
        }
        if new.claim.as_ref().is_none_or(|new| new.id == claim.id) {
            return Err("promise 23: only its own holder ends a claim without a token");
        }
        let held_for = self.claimed.map_or(0, |claimed| writer.now - claimed.at);
        let gone = self.claimed.is_some_and(|it| it.owner == Owner::Gone);
        if !claim.in_doubt && !gone && u64::from(held_for) <= LIMIT.as_secs() {
            return Err("promise 24: a claim is judged lost only after its limit");
        }
        // Its holder has stalled or crashed, or its answer was lost.
        if let Some(token) = old.token {
            ledger.excuse(token.sign_in);
        }
        Ok(())
    }
}
