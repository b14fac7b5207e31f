//! What is known of refresh tokens: how often they were sent, and what the answers said.

use reauth::TokenUse;

use super::{LONGEST_REFRESH, Refusal, shown};
use crate::calls::{Answer, Asked, Call, Place, Stage};
use crate::ledger::{Promise, Said};
use crate::servers::Pair;
use crate::situations::Situation;
use crate::world::{Holder, State};

impl State {
    /// A session makes a call.
    pub(crate) fn asked(&mut self, holder: Holder, asked: &Asked) {
        let process = holder.process;
        match asked {
            Asked::Load => self.tell(|| format!("P{process}: store call load")),
            Asked::Save { expected, token } => self.tell(|| {
                let pair = shown(token.as_ref().map(Pair::of));
                let (pair, expected) = (pair, expected.map(|version| version.0));
                format!("P{process}: store call save_if(expected {expected:?}, {pair})")
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
    pub(crate) fn sent(&mut self, holder: Holder, refresh: u32) {
        let process = holder.process;
        self.tell(|| format!("P{process}: sends refresh token r{refresh}"));
        if !self.runs(holder) {
            return;
        }
        let now = self.monotonic(process);
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
        let holding = self.ledger.holding(process);
        let sends = holding.sends(refresh);
        if sends.times == 0 {
            sends.first = now;
        }
        sends.times += 1;
        let (times, first, kept, traded) = (sends.times, sends.first, sends.kept, sends.traded);
        if traded {
            self.broken(Promise::P9, || {
                format!("P{process} sends r{refresh}, which it traded for a newer one")
            });
        }
        let allowed = match token_use {
            TokenUse::Reusable => true,
            TokenUse::Learn => kept || times <= 2,
            TokenUse::Grace(grace) => times == 1 || now - first < grace.as_millis() as u64,
            _ => times == 1,
        };
        if !allowed {
            self.broken(Promise::P9, || {
                format!("P{process} sends r{refresh} for the {times}th time")
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
            (Asked::Load, Answer::Loaded(stored)) => {
                let token = stored.as_ref().and_then(|stored| stored.token.as_ref());
                let pair = token.map(Pair::of);
                self.loaded(holder, pair);
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
        let holding = self.ledger.holding(process);
        let sends = holding.sends(refresh);
        match call.said {
            Said::Granted => {
                if granted.is_some_and(|pair| pair.refresh == Some(refresh)) {
                    sends.kept = true;
                    sends.times = 0;
                    sends.unknown = 0;
                }
                sends.traded |= granted.is_some_and(|pair| pair.refresh != Some(refresh));
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

    fn loaded(&mut self, holder: Holder, pair: Option<Pair>) {
        let Some(pair) = pair else { return };
        let sign_in = self.servers.sign_in_of_pair(pair);
        let holding = self.ledger.holding(holder.process);
        if holding.opening {
            holding.signed_in(sign_in, pair);
        } else if holding.sign_in == sign_in {
            if holding.newest < Some(pair) {
                holding.hears_of(pair);
                self.met(Situation::NewerTokenRead);
            }
        } else {
            holding.foreign = true;
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
            let sends = self.ledger.holding(call.holder.process).sends(refresh);
            sends.unknown += 1;
            let unknown = sends.unknown;
            self.unknown(refresh, unknown);
            self.met(Situation::TokenCallGivenUp);
        }
    }
}
