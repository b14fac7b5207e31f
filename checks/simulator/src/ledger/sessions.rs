//! What becomes of a session: sign-ins, events, and what the store has at rest.

use reauth::{Event, EventKind};

use super::shown;
use crate::calls::{Asked, Call};
use crate::ledger::Promise;
use crate::servers::Pair;
use crate::situations::Situation;
use crate::world::{Holder, State};

impl State {
    /// As whom a session is signed in.
    pub(crate) fn signed_in_as(&self, holder: Holder) -> Option<usize> {
        self.ledger.holding_of(holder.process).sign_in
    }

    /// Whether a session may say that it has ended.
    pub(crate) fn may_end(&self, sign_in: Option<usize>) -> bool {
        sign_in.is_none_or(|sign_in| self.servers.sign_ins[sign_in].excuse.is_some())
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

    /// Whether a session may be trading its token: an application does not give it the same then.
    pub(crate) fn may_be_trading(&self, holder: Holder) -> bool {
        self.calls.iter().any(|call| {
            let asked = matches!(call.asked, Asked::TokenCall { .. } | Asked::Save { .. });
            call.holder == holder && asked
        })
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
            Asked::Save { token, .. } => token.as_ref().map(Pair::of),
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
    pub(crate) fn cannot_be_late(&self, call: &Call) -> bool {
        match &call.asked {
            Asked::TokenCall { .. } => true,
            // If it were late, it would be another holder's write.
            Asked::Save { .. } => self.setup.processes == 1,
            Asked::Attempt(_) | Asked::Revocation { .. } | Asked::Rest(_) | Asked::Load => false,
        }
    }

    /// A session is signed in with this token, or signed out.
    pub(crate) fn fence(&mut self, holder: Holder, pair: Option<Pair>) {
        let sign_in = pair.and_then(|pair| self.servers.sign_in_of_pair(pair));
        let holding = self.ledger.holding(holder.process);
        holding.sign_in = sign_in;
        holding.newest = pair;
        holding.foreign = false;
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
        match (holding.sign_in, holding.newest) {
            (Some(_), Some(pair)) if pair.access.is_some() => {
                let sign_in = holding.sign_in;
                let same =
                    stored.is_some_and(|stored| self.servers.sign_in_of_pair(stored) == sign_in);
                if !same || stored < Some(pair) {
                    self.broken(Promise::P10, || {
                        format!("P{process} has {pair}, and the store has {}", shown(stored))
                    });
                }
            }
            (None, None) if holding.fences > 0 && stored.is_some() => {
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
