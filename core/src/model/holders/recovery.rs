//! What becomes of the holders when faults stop.

use std::sync::Arc;

use super::process::Process;
use super::setup::{Guard, HolderBudget};
use super::step::HolderStep;
use super::world::{Checked, HolderWorld};

/// How often all holders try to get a token. A claim is judged lost after two of them.
const ROUNDS: usize = 8;

impl HolderWorld {
    /// Faults stop, and all access tokens expire: every holder gets the same token, or knows that
    /// there is none.
    pub(super) fn check_recovery(&self) -> Result<(), (&'static str, Vec<HolderStep>)> {
        if self.setup.guard == Guard::Lease {
            // Its story is that of the server.
            return Ok(());
        }
        let mut world = self.clone();
        world.budget = HolderBudget::NOTHING;
        world.store.late.clear();
        let mut story = Vec::new();
        let recovered = world.recover(&mut story);
        recovered.map_err(|promise| (promise, story))
    }

    fn recover(&mut self, story: &mut Vec<HolderStep>) -> Checked {
        let mut take = |world: &mut Self, step| {
            story.push(step);
            world.take(step)
        };
        take(self, HolderStep::Expire)?;
        let numbers = 0..self.processes.len() as u8;
        for number in numbers.clone() {
            if self.processes[usize::from(number)].is_none() {
                take(self, HolderStep::Reopen(number))?;
            }
        }
        for _ in 0..ROUNDS {
            if self.agree() {
                return Ok(());
            }
            for number in numbers.clone() {
                while let Some(step) = self.fair().first() {
                    take(self, *step)?;
                }
                let process = self.processes[usize::from(number)].as_ref();
                let needs = |process: &Arc<Process>| {
                    let good = process.uses.is_some_and(|token| self.server.accepts(token));
                    process.flight.is_none() && !good
                };
                if process.is_some_and(needs) {
                    take(self, HolderStep::Fly(number))?;
                }
                while let Some(step) = self.fair().first() {
                    take(self, *step)?;
                }
            }
            take(self, HolderStep::Tick)?;
        }
        match self.lost() {
            true => Ok(()),
            false => Err("promise 26: when faults stop, every holder gets a token"),
        }
    }

    /// Whether all holders use the same token, which is good, or are signed out.
    fn agree(&self) -> bool {
        let record = &self.store.record;
        let good = |token| self.server.accepts(token);
        record.token.is_none_or(good)
            && self.processes.iter().flatten().all(|process| {
                let settled = process.call.is_none() && !process.holder.is_pending();
                settled && process.flight.is_none() && process.uses == record.token
            })
    }

    /// Whether the session is lost, for a reason that no store can prevent.
    fn lost(&self) -> bool {
        let record = &self.store.record;
        record.token.is_some_and(|token| {
            let same = |process: &Arc<Process>| process.sign_in == record.position.sign_in;
            self.ledger.is_excused(token.sign_in) && self.processes.iter().flatten().all(same)
        })
    }
}
