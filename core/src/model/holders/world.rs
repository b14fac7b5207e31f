//! The world of several holders: what can happen in it, and what follows.

use std::sync::Arc;

use super::ledger::Ledger;
use super::process::{Ask, Process};
use super::server::{Server, Token};
use super::setup::{HolderBudget, HolderSetup, TICK};
use super::step::{HolderStep, Reply, Served};
use super::store::{Late, Owner, Store, Writer};
use crate::machine::holder::{Answer, Id, Ids, Position, Record};
use crate::model::explore::Walk;

/// Several holders, their store and their token server.
#[derive(Clone, Debug)]
pub struct HolderWorld {
    pub(super) setup: HolderSetup,
    pub(super) budget: HolderBudget,
    pub(super) now: u32,
    pub(super) server: Server,
    pub(super) store: Store,
    pub(super) ledger: Ledger,
    /// `None`: it crashed.
    pub(super) processes: Vec<Option<Arc<Process>>>,
    /// The last number that was given to a write or a claim.
    last_id: u128,
}

pub(super) type Checked = Result<(), &'static str>;

impl HolderWorld {
    /// Holders that have read the record of a sign-in.
    #[must_use]
    pub fn new(setup: HolderSetup, holders: u8, budget: HolderBudget) -> Self {
        let mut server = Server::new(setup.rotation);
        let token = server.sign_in(0);
        let position = Position {
            epoch: 1,
            seq: 0,
            sign_in: Id(1),
        };
        let mut record = Record::new(position, Some(token), setup.token_use);
        record.write = Id(2);
        let store = Store::new(record);
        let open = |number| Some(Arc::new(Process::open(setup, number, store.there())));
        let processes = (0..usize::from(holders)).map(open).collect();
        Self {
            setup,
            budget,
            now: 0,
            server,
            store,
            ledger: Ledger::default(),
            processes,
            last_id: 2,
        }
    }

    pub(super) fn ids(&mut self) -> Ids {
        self.last_id += 2;
        Ids {
            write: Id(self.last_id - 1),
            claim: Id(self.last_id),
        }
    }

    pub(super) fn process(&mut self, number: u8) -> Option<&mut Process> {
        let process = self.processes.get_mut(usize::from(number))?;
        process.as_mut().map(Arc::make_mut)
    }

    /// Takes a step that is possible, and checks what it does.
    ///
    /// # Errors
    ///
    /// The promise that it breaks.
    pub fn take(&mut self, step: HolderStep) -> Checked {
        self.charge(step);
        match step {
            HolderStep::Fly(number) => self.fly(number),
            HolderStep::Store(number, served) => self.serve(number, served),
            HolderStep::Hear(number) => {
                let process = self.process(number);
                let call = process.and_then(|process| process.call.as_mut());
                match call.and_then(|call| call.answer.take()) {
                    Some(answer) => self.hear(number, answer),
                    None => Ok(()),
                }
            }
            HolderStep::Look(number) => self.look(number),
            HolderStep::Send(number) => self.send(number),
            HolderStep::Answer(number, reply) => self.answer(number, reply),
            HolderStep::Deliver(number) => self.deliver(number),
            HolderStep::SignIn(number) => {
                let token = self.server.sign_in(self.now);
                self.fence(number, Some(token));
                Ok(())
            }
            HolderStep::SignOut(number) => {
                self.fence(number, None);
                Ok(())
            }
            HolderStep::Crash(number) => {
                self.crash(number);
                Ok(())
            }
            HolderStep::CrashProcessed(number) => {
                let process = self.process(number);
                let flight = process.and_then(|process| process.flight);
                let token = flight
                    .and_then(|flight| flight.token)
                    .map(|(token, _)| token);
                self.crash(number);
                match token {
                    Some(token) => {
                        self.ledger.excuse(token.sign_in);
                        _ = self.server.trade(token, self.now);
                        self.check_loss(token)
                    }
                    None => Ok(()),
                }
            }
            HolderStep::Reopen(number) => {
                let at = usize::from(number);
                let process = Process::open(self.setup, at, self.store.there());
                self.processes[at] = Some(Arc::new(process));
                Ok(())
            }
            HolderStep::Land(late) => {
                let late = self.store.late.remove(late.into());
                let Late {
                    expected, record, ..
                } = late;
                self.save(late.by, late.owns_claim, expected, record)
                    .map(drop)
            }
            HolderStep::Restore => {
                let ids = self.ids();
                self.store.restore(ids.write);
                self.ledger.restored = true;
                self.own_claim_is(None);
                Ok(())
            }
            HolderStep::Expire => {
                self.server.expire();
                Ok(())
            }
            HolderStep::Tick => {
                self.now += TICK;
                Ok(())
            }
            HolderStep::Gone(number) => {
                let orphan = self.store.orphan();
                if let (Some(claim), Some(process)) = (orphan, self.process(number)) {
                    process.holder.gone(claim);
                }
                Ok(())
            }
            HolderStep::Skew(number) => {
                if let Some(process) = self.process(number) {
                    process.skew += TICK;
                }
                Ok(())
            }
        }
    }

    fn charge(&mut self, step: HolderStep) {
        let budget = &mut self.budget;
        let charged = match step {
            HolderStep::Fly(_) => &mut budget.flights,
            HolderStep::Store(_, Served::Slow) => &mut budget.slow,
            HolderStep::Store(_, Served::Stale) => &mut budget.stale,
            HolderStep::Store(_, Served::Unheard | Served::Later | Served::Down) => {
                &mut budget.store_faults
            }
            HolderStep::Answer(_, reply) if reply != Reply::Honest => &mut budget.faults,
            HolderStep::SignIn(_) => &mut budget.sign_ins,
            HolderStep::SignOut(_) => &mut budget.sign_outs,
            HolderStep::Crash(_) | HolderStep::CrashProcessed(_) => &mut budget.crashes,
            HolderStep::Restore => &mut budget.restores,
            HolderStep::Expire => &mut budget.expiries,
            HolderStep::Tick => &mut budget.ticks,
            HolderStep::Gone(_) => &mut budget.gone,
            HolderStep::Skew(_) => &mut budget.skews,
            HolderStep::Store(_, Served::Done)
            | HolderStep::Hear(_)
            | HolderStep::Look(_)
            | HolderStep::Send(_)
            | HolderStep::Answer(..)
            | HolderStep::Deliver(_)
            | HolderStep::Reopen(_)
            | HolderStep::Land(_) => return,
        };
        *charged = charged.saturating_sub(1);
    }

    fn serve(&mut self, number: u8, served: Served) -> Checked {
        let process = self.process(number);
        let Some(ask) = process.and_then(|process| Some(process.call.as_ref()?.ask.clone())) else {
            return Ok(());
        };
        let by = Some(number);
        let owns_claim = self
            .process(number)
            .is_some_and(|process| process.owns_claim);
        let answer = match (served, ask) {
            (Served::Done, Ask::Load) => self.load(owns_claim),
            (Served::Done, Ask::Save(expected, record)) => {
                self.save(by, owns_claim, expected, record)?
            }
            (Served::Slow, ask) => {
                let answer = match ask {
                    Ask::Load => self.load(owns_claim),
                    Ask::Save(expected, record) => self.save(by, owns_claim, expected, record)?,
                };
                let process = self.process(number);
                if let Some(call) = process.and_then(|process| process.call.as_mut()) {
                    call.answer = Some(answer);
                }
                return Ok(());
            }
            (Served::Unheard, Ask::Save(expected, record)) => {
                self.save(by, owns_claim, expected, record)?;
                Answer::Failed
            }
            (Served::Later, Ask::Save(expected, record)) => {
                self.store.late.push(Late {
                    expected,
                    record,
                    by,
                    owns_claim,
                });
                Answer::Failed
            }
            (Served::Stale, _) => {
                let before = self.store.before.clone();
                Answer::Loaded(before.map(|record| {
                    let version = record.write;
                    (record, version)
                }))
            }
            (Served::Down | Served::Unheard | Served::Later, _) => Answer::Failed,
        };
        self.hear(number, answer)
    }

    fn load(&mut self, owns_claim: bool) -> Answer<Token, Id> {
        if owns_claim {
            self.store.look_at_claim();
        }
        Answer::Loaded(self.store.there())
    }

    /// Saves a record, and remembers whose claim is in it.
    fn save(
        &mut self,
        by: Option<u8>,
        owns_claim: bool,
        expected: Option<Id>,
        record: Record<Token>,
    ) -> Result<Answer<Token, Id>, &'static str> {
        let writer = Writer {
            now: self.now,
            owns_claim,
            owner: match by {
                Some(_) => Owner::Up,
                None => Owner::Gone,
            },
        };
        if owns_claim && !self.store.is_there(expected) {
            self.store.look_at_claim();
        }
        let before = self.store.record.claim.as_ref().map(|claim| claim.id);
        let answer = self
            .store
            .save(expected, record, writer, &mut self.ledger)?;
        let claim = self.store.record.claim.as_ref().map(|claim| claim.id);
        if before != claim && matches!(answer, Answer::Kept(_)) {
            self.own_claim_is(claim.and(by));
            let position = self.store.record.position;
            let now = self.now;
            if let Some(process) = by
                .and_then(|by| self.process(by))
                .filter(|_| claim.is_some())
            {
                let asked = process.call.as_ref().map(|call| call.asked);
                process.claimed =
                    Some((position, asked.unwrap_or_else(|| process.clocks(now).now)));
            }
        }
        Ok(answer)
    }

    fn own_claim_is(&mut self, owner: Option<u8>) {
        for number in 0..self.processes.len() as u8 {
            let owns = owner == Some(number);
            let process = &mut self.processes[usize::from(number)];
            if let Some(process) = process
                && process.owns_claim != owns
            {
                Arc::make_mut(process).owns_claim = owns;
            }
        }
    }

    fn crash(&mut self, number: u8) {
        let at = usize::from(number);
        let Some(process) = self.processes[at].take() else {
            return;
        };
        if process.owns_claim {
            self.store.lose_owner();
        }
        let mut late = false;
        for save in self
            .store
            .late
            .iter_mut()
            .filter(|late| late.by == Some(number))
        {
            save.by = None;
            late = true;
        }
        let asked = match &process.call {
            Some(call) if call.answer.is_none() => match &call.ask {
                Ask::Save(expected, record) if self.store.is_there(*expected) => {
                    Some((*expected, record.clone()))
                }
                Ask::Save(..) | Ask::Load => None,
            },
            Some(_) | None => None,
        };
        let claims = asked
            .as_ref()
            .is_some_and(|(_, record)| record.claim.is_some());
        if claims || process.owns_claim || late || process.holder.is_pending() {
            // What it claimed stays claimed, and what it was granted is lost.
            if let Some(token) = process.heard.token {
                self.ledger.excuse(token.sign_in);
            }
        }
        if let Some((expected, record)) = asked {
            let owns_claim = process.owns_claim;
            let by = None;
            self.store.late.push(Late {
                expected,
                record,
                by,
                owns_claim,
            });
        }
    }

    /// If the server has ended a sign-in, there must be a reason that no store can prevent.
    pub(super) fn check_loss(&self, token: Token) -> Checked {
        match self.server.is_revoked(token) && !self.ledger.is_excused(token.sign_in) {
            true => Err("promise 26: a session is lost only for a reason that no store prevents"),
            false => Ok(()),
        }
    }

    fn rank_of_all(&self) -> u32 {
        let ranks = self.processes.iter().map(|process| match process {
            Some(process) => process.rank(),
            None => 1,
        });
        100_000 * self.budget.left() + 10 * self.store.late.len() as u32 + ranks.sum::<u32>()
    }
}

impl Walk for HolderWorld {
    type Step = HolderStep;

    fn enabled(&self) -> Vec<HolderStep> {
        self.all_steps()
    }

    fn take(&mut self, step: HolderStep) -> Checked {
        Self::take(self, step)
    }

    fn rank(&self) -> u32 {
        self.rank_of_all()
    }

    fn check(&self) -> Result<(), (&'static str, Vec<HolderStep>)> {
        match self.fair().is_empty() {
            true => self.check_recovery(),
            false => Ok(()),
        }
    }

    fn fingerprint(&self) -> u128 {
        self.hash_of_all()
    }
}
