//! What is known of refresh tokens: how often they were sent, and what the answers said.

use reauth::TokenUse;
use reauth::store::Record;

use super::{Claimed, LONGEST_REFRESH, Ledger, PATIENCE, Refusal, shown};
use crate::calls::{Answer, Asked, Call, Place, Stage};
use crate::ledger::{Promise, Said};
use crate::servers::Pair;
use crate::setup::{Rotation, Storing};
use crate::situations::Situation;
use crate::stored::{NewFence, Read, pair_of};
use crate::world::{Holder, State};

impl State {
    /// A session makes a call.
    pub(crate) fn asked(&mut self, holder: Holder, asked: &Asked) {
        let process = holder.process;
        match asked {
            Asked::Load => self.tell(|| format!("P{process}: store call load")),
            Asked::Save { expected, record } => self.tell(|| {
                let (pair, claim) = (shown(pair_of(record)), record.claim().is_some());
                format!("P{process}: store call save_if(expected {expected:?}, {pair}, claimed: {claim})")
            }),
            Asked::TokenCall { .. } => {
                self.tell(|| format!("P{process}: calls the token server"));
                let live = |call: &&Call| {
                    call.holder == holder
                        && matches!(call.asked, Asked::TokenCall { .. })
                        && !matches!(call.stage, Stage::GivenUp)
                };
                let live = self.calls.iter().filter(live).count() as u32;
                let now = self.now;
                let holding = self.ledger.holding_of(process);
                let fences = holding.fences;
                let usable = |access: &u32| {
                    !holding.ever_refused.contains(access)
                        && !self.servers.has_expired(*access, now)
                };
                let newest = holding.newest.and_then(|pair| pair.access);
                if !holding.forced && newest.as_ref().is_some_and(usable) {
                    self.met(Situation::EarlyRefresh);
                }
                if live > fences {
                    self.broken(Promise::P2, || {
                        format!("P{process} has two refreshes in flight")
                    });
                }
            }
            Asked::Revocation { .. } => self.tell(|| format!("P{process}: revokes its token")),
            Asked::Attempt(_) | Asked::Rest(_) => {}
        }
    }

    /// A refresh token reaches the token server.
    pub(crate) fn sent(&mut self, call: &Call, refresh: u32) {
        let holder = call.holder;
        let process = holder.process;
        self.tell(|| format!("P{process}: sends refresh token r{refresh}"));
        let now = self.now;
        let asleep = self.machines[usize::from(process)].asleep;
        let monotonic = self.monotonic(process);
        if self.setup.store == Storing::Shared {
            match self.ledger.send_under_claim(holder, refresh) {
                None => self.broken(Promise::P24, || {
                    format!("P{process} sends r{refresh}, and the store has no claim of it")
                }),
                // What was under way may arrive late, and what survives its use is not stopped.
                Some(_) if matches!(call.stage, Stage::GivenUp) => {}
                Some(_) if self.setup.rotation == Rotation::Keeps => {}
                Some(written) if monotonic > written + CLAIM => self.broken(Promise::P24, || {
                    format!("P{process} sends r{refresh}, and its claim is over")
                }),
                Some(_) => {}
            }
        }
        let latest = self.at_the_latest(process);
        let token_use = self.ledger.token_use;
        let sign_in = self.servers.sign_in_of_refresh(refresh);
        let holding = self.ledger.holding_of(process);
        let newest = holding.newest.and_then(|pair| pair.access);
        let newest = newest.filter(|_| holding.sign_in == Some(sign_in));
        let nothing_to_lose = newest.is_none_or(|access| {
            holding.ever_refused.contains(&access)
                || self.servers.has_expired(access, latest + LONGEST_REFRESH)
        });
        let sends = self.ledger.sends(refresh);
        if sends.times == 0 {
            sends.first = now;
        }
        sends.times += 1;
        let (times, first, kept) = (sends.times, sends.first, sends.kept);
        if !self.runs(holder) {
            return;
        }
        if self.ledger.holding_of(process).traded.contains(&refresh) {
            self.broken(Promise::P25, || {
                format!("P{process} sends r{refresh}, which it traded for a newer one")
            });
        }
        let allowed = match token_use {
            TokenUse::Reusable => true,
            TokenUse::Learn => kept || times <= 2,
            // Its clocks may have stood still.
            TokenUse::Grace(grace) => times == 1 || now - first < grace.as_millis() as u64 + asleep,
            _ => times == 1,
        };
        if !allowed {
            let promise = match self.setup.processes {
                1 => Promise::P9,
                _ => Promise::P23,
            };
            self.broken(promise, || {
                format!("P{process} sends r{refresh}, which is sent for the {times}th time")
            });
        }
        if times == 2 {
            self.met(Situation::SentTwice);
        }
        if token_use == TokenUse::Learn && times == 2 && !kept && !nothing_to_lose {
            self.broken(Promise::P9, || {
                format!(
                    "P{process} sends r{refresh} again, and its access token may still be accepted"
                )
            });
        }
    }

    /// The token server saw a refresh token twice.
    pub(crate) fn reused(&mut self, holder: Holder, refresh: u32) {
        let sign_in = self.servers.sign_in_of_refresh(refresh);
        self.tell(|| format!("  token server: reuse of r{refresh}: sign-in {sign_in} is revoked"));
        if self.ledger.has_been_taken_over(refresh, self.now) {
            self.servers
                .excuse(sign_in, "a holder stalled for longer than its claim lasts");
        }
        if self.servers.sign_ins[sign_in].excuse.is_none() {
            let process = holder.process;
            self.broken(Promise::P9, || {
                format!("P{process} loses its session: r{refresh} was spent")
            });
        }
    }

    /// An answer reaches its session.
    pub(crate) fn taken(&mut self, call: &Call) {
        let Stage::Answered(answer) = &call.stage else {
            return;
        };
        let holder = call.holder;
        match (&call.asked, answer) {
            (Asked::TokenCall { .. }, _) => self.token_answer_taken(call),
            (_, Answer::Loaded(_, read) | Answer::Conflict(_, read)) => {
                if let Some(read) = read {
                    self.read(holder, *read);
                }
            }
            (Asked::Attempt(attempt), Answer::Response(head)) => {
                if head.status.is_redirection() {
                    self.ledger.requests[attempt.request].redirected = true;
                }
                let Some(access) = attempt.access else { return };
                let refusal = Refusal {
                    request: attempt.request,
                    access,
                    place: attempt.place,
                };
                if head.status.as_u16() == 401 {
                    self.ledger
                        .holding(holder.process)
                        .ever_refused
                        .push(access);
                    self.ledger.refusals.push(refusal);
                } else if head.status.is_success() {
                    let holding = self.ledger.holding(holder.process);
                    let here = |(known, at, _): &(u32, Place, u64)| {
                        (*known, *at) == (access, attempt.place)
                    };
                    holding.refused.retain(|refused| !here(refused));
                }
            }
            _ => {}
        }
    }

    fn token_answer_taken(&mut self, call: &Call) {
        let process = call.holder.process;
        let Some(refresh) = call.refresh else { return };
        let now = self.monotonic(process);
        let lifetime = self
            .setup
            .lifetime
            .map(|lifetime| lifetime.as_millis() as u64);
        self.tell(|| {
            format!(
                "P{process}: what it knows of its call with r{refresh}: {:?}",
                call.said
            )
        });
        let granted = call.granted.filter(|_| call.said == Said::Granted);
        let sign_in = self.servers.sign_in_of_refresh(refresh);
        if granted.is_some_and(|pair| pair.refresh != Some(refresh)) {
            self.ledger.holding(process).traded.push(refresh);
        }
        let sends = self.ledger.sends(refresh);
        match call.said {
            Said::Granted => {
                if granted.is_some_and(|pair| pair.refresh == Some(refresh)) {
                    sends.kept = true;
                    sends.times = 0;
                    sends.unknown = 0;
                }
            }
            Said::NotProcessed => sends.times = sends.times.saturating_sub(1),
            Said::Unknown => {
                sends.unknown += 1;
                let unknown = sends.unknown;
                self.unknown(refresh, unknown);
            }
            Said::Refused | Said::Nothing => {}
        }
        let Some(pair) = granted else { return };
        let holding = self.ledger.holding(process);
        if holding.fences != call.fences {
            // A sign-in or sign-out has overtaken it.
            return;
        }
        if let Some(access) = pair.access
            && holding
                .newest
                .is_some_and(|newest| pair.access <= newest.access)
        {
            // The server may have no other: then it is tried again.
            holding.granted_again.push(access);
        }
        if holding.sign_in == Some(sign_in) {
            holding.hears_of(pair);
        }
        if let (Some(access), Some(lifetime)) = (pair.access, lifetime) {
            let known = holding
                .expiries
                .iter_mut()
                .find(|(known, _)| *known == access);
            match known {
                Some((_, end)) => *end = now + lifetime,
                None => holding.expiries.push((access, now + lifetime)),
            }
        }
    }

    /// A session has read the store.
    fn read(&mut self, holder: Holder, read: Read) {
        let sign_in = read
            .pair
            .and_then(|pair| self.servers.sign_in_of_pair(pair));
        let holding = self.ledger.holding(holder.process);
        if holding.opening {
            holding.read_fence = read.fence;
            holding.sign_in = sign_in;
            holding.newest = read.pair;
            return;
        }
        let same = holding.sign_in == sign_in;
        if read.fence > holding.read_fence || (read.fence == holding.read_fence && !same) {
            holding.read_fence = read.fence;
            holding.elsewhere = (!same).then_some(read.pair);
        }
        if let Some(pair) = read.pair
            && same
            && holding.newest < Some(pair)
        {
            holding.hears_of(pair);
            self.met(Situation::NewerTokenRead);
        }
    }

    /// A record is stored. Says whether it is that of another sign-in.
    pub(crate) fn lands(&mut self, call: &Call, record: &Record) -> NewFence {
        let (process, now) = (call.holder.process, self.now);
        let (before, after) = (self.store.pair(), pair_of(record));
        let sign_in_of =
            |pair: Option<Pair>| pair.and_then(|pair| self.servers.sign_in_of_pair(pair));
        let (old, new) = (sign_in_of(before), sign_in_of(after));
        self.claim_lands(call.holder, before, record);
        if old == new && !self.store.is_empty() {
            // Over a restored record, what its holder knows takes the place of anything.
            let older = after.map(|pair| pair.refresh) < before.map(|pair| pair.refresh);
            if older && !self.store.is_restored() {
                self.broken(Promise::P25, || {
                    format!("P{process} writes {} over {}", shown(after), shown(before))
                });
            }
            return NewFence::No;
        }
        if let Some(new) = new {
            let moment = self.ledger.moment;
            self.ledger.stored.push((new, moment));
        }
        let own = call.fence.filter(|fence| fence.sign_in == new);
        if self.store.is_empty() {
            return NewFence::Yes;
        }
        let Some(own) = own else {
            self.broken(Promise::P13, || {
                let (after, before) = (shown(after), shown(before));
                format!("P{process} writes {after} over {before}, and was not signed in with it")
            });
            return NewFence::Yes;
        };
        let asleep = self.machines[usize::from(process)].asleep;
        let others = self
            .ledger
            .last_fence
            .filter(|(holder, _)| *holder != call.holder);
        if others.is_some_and(|(_, at)| at > own.at + PATIENCE + asleep) {
            self.broken(Promise::P13, || {
                let (after, before) = (shown(after), shown(before));
                format!("P{process} writes {after} late over {before}, which is of a later sign-in")
            });
        }
        self.ledger.last_fence = Some((call.holder, now));
        NewFence::Yes
    }

    fn claim_lands(&mut self, holder: Holder, before: Option<Pair>, record: &Record) {
        let (now, monotonic) = (self.now, self.monotonic(holder.process));
        match (self.store.claim(), record.claim()) {
            (was, Some(id)) if was != Some(id) => {
                if was.is_some() {
                    self.met(Situation::TakenOver);
                }
                let refresh = before.and_then(|pair| pair.refresh);
                self.ledger.claims.push(Claimed {
                    id,
                    holder,
                    refresh: refresh.unwrap_or_default(),
                    at: now,
                    written: monotonic,
                    sends: 0,
                    open: true,
                });
            }
            (Some(was), None) => {
                let claims = &mut self.ledger.claims;
                let after = pair_of(record).and_then(|pair| pair.refresh);
                // A sign-in with the same refresh token does not end the claim of another holder.
                let ends = |claim: &Claimed| claim.holder == holder || Some(claim.refresh) != after;
                if let Some(claim) = claims.iter_mut().find(|claim| claim.id == was)
                    && ends(claim)
                {
                    claim.open = false;
                }
            }
            _ => {}
        }
    }

    /// The answer to a call was lost, because nobody waits for it any more.
    pub(crate) fn lost(&mut self, call: &Call) {
        let Some(refresh) = call.refresh else { return };
        if call.said == Said::Nothing {
            return;
        }
        if let Some(pair) = call.granted {
            self.granted_and_lost(refresh, pair);
        }
        if self.runs(call.holder) {
            let sends = self.ledger.sends(refresh);
            sends.unknown += 1;
            let unknown = sends.unknown;
            self.unknown(refresh, unknown);
            self.met(Situation::TokenCallGivenUp);
        }
    }
}

/// How long a claim lasts, in milliseconds.
const CLAIM: u64 = 30_000;

impl Ledger {
    /// When the claim of this holder was stored, under which it sends this for the first time.
    fn send_under_claim(&mut self, holder: Holder, refresh: u32) -> Option<u64> {
        // The last one: those before it may have ended without a send.
        let mut claims = self.claims.iter_mut().rev();
        let unsent =
            claims.find(|claim| (claim.holder, claim.refresh, claim.sends) == (holder, refresh, 0));
        unsent.map(|claim| {
            claim.sends += 1;
            claim.written
        })
    }

    /// Whether a claim on this refresh token has lasted so long that another holder takes it over.
    fn has_been_taken_over(&self, refresh: u32, now: u64) -> bool {
        let claims = self.claims.iter().filter(|claim| claim.refresh == refresh);
        claims.filter(|claim| now >= claim.at + CLAIM).count() > 0
    }

    /// How many claims on this refresh token ended without a word.
    pub(super) fn lost_claims(
        &self,
        refresh: u32,
        now: u64,
        runs: impl Fn(Holder) -> bool,
    ) -> usize {
        let claims = self.claims.iter().filter(|claim| claim.refresh == refresh);
        let lost =
            |claim: &&Claimed| claim.open && (!runs(claim.holder) || now >= claim.at + CLAIM);
        claims.filter(lost).count()
    }
}
