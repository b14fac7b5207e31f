//! What becomes of a session: sign-ins, events, and what the store has at rest.

use reauth::{Event, EventKind, TokenUse};

use super::{Fenced, shown};
use crate::calls::{Asked, Call, Stage};
use crate::ledger::Promise;
use crate::servers::Pair;
use crate::situations::Situation;
use crate::stored::pair_of;
use crate::world::{Holder, State};

impl State {
    /// As whom a session is signed in.
    pub(crate) fn signed_in_as(&self, holder: Holder) -> Option<usize> {
        self.ledger.holding_of(holder.process).sign_in
    }

    /// Whether a session may say that it has ended.
    pub(crate) fn may_end(&self, sign_in: Option<usize>) -> bool {
        sign_in.is_none_or(|sign_in| {
            self.servers.sign_ins[sign_in].excuse.is_some() || self.may_be_spent(sign_in)
        })
    }

    /// Whether so many claims on its refresh token were lost that nobody may send it any more.
    fn may_be_spent(&self, sign_in: usize) -> bool {
        let most = match self.ledger.token_use {
            TokenUse::Reusable => return false,
            TokenUse::Learn => 2,
            _ => 1,
        };
        // A commit that is not stored yet may never be.
        let stored = self.store.pair();
        let stored = stored.filter(|pair| self.servers.sign_in_of_pair(*pair) == Some(sign_in));
        let stored = stored.and_then(|pair| pair.refresh);
        let mut refreshes = self.servers.newest_of(sign_in).into_iter().chain(stored);
        refreshes.any(|refresh| {
            let lost = self
                .ledger
                .lost_claims(refresh, self.now, |holder| self.runs(holder));
            let unknown = self
                .ledger
                .sends
                .iter()
                .find(|sends| sends.refresh == refresh);
            lost + unknown.map_or(0, |sends| sends.unknown as usize) >= most
        })
    }

    /// A session begins with this token in hand.
    pub(crate) fn begins_with(&mut self, holder: Holder, pair: Pair) {
        let sign_in = self.servers.sign_in_of_pair(pair);
        self.ledger.holding(holder.process).signed_in(sign_in, pair);
    }

    /// A session is given a token that was issued now.
    pub(crate) fn is_given(&mut self, holder: Holder, pair: Pair) {
        let now = self.monotonic(holder.process);
        if let (Some(access), Some(lifetime)) = (pair.access, self.setup.lifetime) {
            let end = now + lifetime.as_millis() as u64;
            self.ledger
                .holding(holder.process)
                .expiries
                .push((access, end));
        }
    }

    /// Whether this token is the newest there is: an application does not sign in with another. A
    /// session may be trading it, and a process that died may have traded it.
    pub(crate) fn is_newest(&self, holder: Holder, pair: Pair) -> bool {
        let changes = |call: &Call| {
            let changes = matches!(call.asked, Asked::TokenCall { .. } | Asked::Save { .. });
            changes && (call.holder == holder || matches!(call.stage, Stage::GivenUp))
        };
        !self.calls.iter().any(changes) && self.store.pair() <= Some(pair)
    }

    /// A session is given the token that it has, without a word about its expiry.
    pub(crate) fn is_given_again(&mut self, holder: Holder, pair: Pair) {
        let holding = self.ledger.holding(holder.process);
        let is_it = |access: u32| Some(access) == pair.access;
        holding.expiries.retain(|(access, _)| !is_it(*access));
        holding.refused.retain(|(access, ..)| !is_it(*access));
    }

    /// A process dies.
    pub(crate) fn dies(&mut self, process: u8) {
        self.met(Situation::Crashed);
        let here = |call: &&Call| call.holder.process == process;
        let calls: Vec<_> = self
            .calls
            .iter()
            .filter(here)
            .map(|call| call.asked.what())
            .collect();
        if calls.contains(&"a save") {
            self.met(Situation::CrashedWhileSaving);
        }
        if calls.contains(&"a token call") {
            self.met(Situation::CrashedWhileRefreshing);
        }
        let stored = self.store.pair();
        let holding = self.ledger.holding_of(process);
        let (newest, own) = (holding.newest, holding.sign_in);
        // The store may have an earlier sign-in, whose refresh token was used since, or get one.
        let saves = self.calls.iter().filter(here);
        let saves = saves.filter_map(|call| match &call.asked {
            Asked::Save { record, .. } => pair_of(record).filter(|pair| Some(*pair) != stored),
            _ => None,
        });
        let stored = stored.filter(|_| stored != newest);
        let pairs = saves
            .chain(stored)
            .filter_map(|pair| self.servers.sign_in_of_pair(pair));
        let sign_ins: Vec<_> = pairs
            .chain(own.filter(|_| self.store.pair() != newest))
            .collect();
        for sign_in in sign_ins {
            let why = "its process died before the newest token was stored";
            self.servers.excuse(sign_in, why);
        }
    }

    /// Whether a call of a dead process arrives now or never.
    pub(crate) fn cannot_be_late(call: &Call) -> bool {
        matches!(call.asked, Asked::TokenCall { .. })
    }

    /// A session is signed in with this token, or signed out.
    pub(crate) fn fence(&mut self, holder: Holder, pair: Option<Pair>) {
        let sign_in = pair.and_then(|pair| self.servers.sign_in_of_pair(pair));
        let at = self.now;
        let holding = self.ledger.holding(holder.process);
        holding.sign_in = sign_in;
        holding.newest = pair;
        holding.elsewhere = None;
        holding.fenced = Some(Fenced { at, sign_in });
        holding.fences += 1;
    }

    /// A session reports an event.
    pub(crate) fn event(&mut self, holder: Holder, event: &Event) {
        let process = holder.process;
        let number = event.number;
        self.tell(|| format!("P{process}: event {number} {:?}", event.kind));
        if !self.runs(holder) {
            return;
        }
        let holding = self.ledger.holding(process);
        let expected = holding.events + 1;
        holding.events = number;
        let generation = match event.kind {
            EventKind::Refreshed { generation } => {
                self.situations.insert(Situation::Refreshed);
                Some(generation)
            }
            EventKind::SignedIn { generation } | EventKind::SignedOut { generation } => {
                holding.fences_told += 1;
                Some(generation)
            }
            EventKind::Adopted { generation } => {
                self.situations.insert(Situation::Adopted);
                Some(generation)
            }
            EventKind::SignedInElsewhere { generation } => {
                self.situations.insert(Situation::SignedInElsewhere);
                if let Some(Some(pair)) = holding.elsewhere.take() {
                    holding.sign_in = self.servers.sign_in_of_pair(pair);
                    holding.newest = Some(pair);
                }
                // Somebody may have signed in with the same token again.
                let newest = holding.newest.and_then(|pair| pair.access);
                holding
                    .refused
                    .retain(|(access, ..)| Some(*access) != newest);
                Some(generation)
            }
            EventKind::SignedOutElsewhere { generation } => {
                self.situations.insert(Situation::SignedOutElsewhere);
                holding.elsewhere = None;
                holding.sign_in = None;
                holding.newest = None;
                Some(generation)
            }
            EventKind::ClaimedElsewhere { .. } => {
                self.situations.insert(Situation::ClaimedElsewhere);
                None
            }
            EventKind::RefreshFailed {
                retry_after: None, ..
            } => {
                holding.ended = holding.sign_in;
                None
            }
            EventKind::Replayed { .. } => {
                holding.replays_told += 1;
                None
            }
            EventKind::SaveFailed { .. } => {
                self.situations.insert(Situation::SaveFailed);
                None
            }
            _ => None,
        };
        let holding = self.ledger.holding(process);
        let before = holding.generation;
        holding.generation = generation.or(before);
        if number != expected {
            self.broken(Promise::Events, || {
                format!("P{process}: {number} comes after {}", expected - 1)
            });
        }
        if generation.is_some() && generation <= before {
            self.broken(Promise::Events, || {
                format!("P{process}: {generation:?} comes after {before:?}")
            });
        }
    }

    /// All is quiet: what happened was reported once.
    pub(crate) fn compare_events(&mut self, process: u8) {
        let holding = self.ledger.holding(process);
        let replays = (holding.replays, holding.replays_told);
        let fences = (holding.fences, holding.fences_told);
        if replays.0 != replays.1 || fences.0 != fences.1 {
            self.broken(Promise::Events, || {
                format!("P{process}: {replays:?} replays and {fences:?} sign-ins and sign-outs, made and reported")
            });
        }
    }

    /// All is quiet, and the store works: it has what the session has.
    pub(crate) fn compare_store(&mut self, process: u8) {
        let stored = self.store.pair();
        let holding = self.ledger.holding(process);
        let sign_in = stored.and_then(|stored| self.servers.sign_in_of_pair(stored));
        match (holding.sign_in, holding.newest) {
            (Some(own), Some(pair)) if sign_in != Some(own) || stored < Some(pair) => {
                self.broken(Promise::P10, || {
                    format!("P{process} has {pair}, and the store has {}", shown(stored))
                });
            }
            (None, None) if stored.is_some() => {
                self.broken(Promise::P13, || {
                    format!(
                        "P{process} is signed out, and the store has {}",
                        shown(stored)
                    )
                });
            }
            _ => {}
        }
    }
}
