//! What can happen next in a world of several holders.

use std::sync::Arc;

use super::process::{Ask, Process, Stage};
use super::setup::Guard;
use super::step::{HolderStep, Reply, Served};
use super::world::HolderWorld;

impl HolderWorld {
    /// The steps that are no faults, and that nobody has to choose.
    pub(super) fn fair(&self) -> Vec<HolderStep> {
        let mut steps = Vec::new();
        for (number, process) in (0..).zip(&self.processes) {
            if let Some(process) = process {
                self.fair_steps(number, process, &mut steps);
            }
        }
        steps
    }

    fn fair_steps(&self, number: u8, process: &Process, steps: &mut Vec<HolderStep>) {
        match &process.call {
            Some(call) if call.answer.is_some() => steps.push(HolderStep::Hear(number)),
            Some(_) => steps.push(HolderStep::Store(number, Served::Done)),
            None => {
                if process.holder.is_pending() {
                    steps.push(HolderStep::Deliver(number));
                }
                match process.flight.map(|flight| flight.stage) {
                    Some(Stage::Waiting(version, at)) => {
                        if version != self.store.record.write || at != self.now {
                            steps.push(HolderStep::Look(number));
                        }
                    }
                    Some(Stage::Pausing) => steps.push(HolderStep::Look(number)),
                    Some(Stage::Ready) => steps.push(HolderStep::Send(number)),
                    Some(Stage::Asking) => steps.push(HolderStep::Answer(number, Reply::Honest)),
                    Some(Stage::Operating) | None => {}
                }
            }
        }
    }

    /// The faults, and what users do.
    fn chosen_steps(&self, number: u8, process: &Process, steps: &mut Vec<HolderStep>) {
        let budget = &self.budget;
        if budget.flights > 0 && process.flight.is_none() && process.call.is_none() {
            steps.push(HolderStep::Fly(number));
        }
        if let Some(call) = process.call.as_ref().filter(|call| call.answer.is_none()) {
            let mut serve = |served| steps.push(HolderStep::Store(number, served));
            if budget.slow > 0 {
                serve(Served::Slow);
            }
            if budget.store_faults > 0 {
                serve(Served::Down);
            }
            match &call.ask {
                Ask::Load if budget.stale > 0 && self.store.before.is_some() => {
                    serve(Served::Stale);
                }
                Ask::Save(expected, _) if self.store.is_there(*expected) => {
                    if budget.store_faults > 0 {
                        serve(Served::Unheard);
                        serve(Served::Later);
                    }
                }
                Ask::Load | Ask::Save(..) => {}
            }
        }
        let asks = process
            .flight
            .is_some_and(|flight| flight.stage == Stage::Asking);
        if asks && process.call.is_none() && budget.faults > 0 {
            let replies = [
                Reply::Lost,
                Reply::Broken,
                Reply::Busy,
                Reply::Misconfigured,
                Reply::Revoked,
            ];
            steps.extend(replies.map(|reply| HolderStep::Answer(number, reply)));
        }
        if budget.sign_ins > 0 {
            steps.push(HolderStep::SignIn(number));
        }
        if budget.sign_outs > 0 {
            steps.push(HolderStep::SignOut(number));
        }
        if budget.crashes > 0 {
            steps.push(HolderStep::Crash(number));
            if asks {
                steps.push(HolderStep::CrashProcessed(number));
            }
        }
        if budget.gone > 0 && self.store.orphan().is_some() {
            steps.push(HolderStep::Gone(number));
        }
        if budget.skews > 0 {
            steps.push(HolderStep::Skew(number));
        }
    }

    pub(super) fn all_steps(&self) -> Vec<HolderStep> {
        if let Some(answer) = self.asks_under_a_lease() {
            return vec![answer];
        }
        let mut steps = self.fair();
        for (number, process) in (0..).zip(&self.processes) {
            match process {
                Some(process) => self.chosen_steps(number, process, &mut steps),
                None => steps.push(HolderStep::Reopen(number)),
            }
        }
        let late = self.store.late.len() as u8;
        steps.extend((0..late).map(HolderStep::Land));
        let budget = &self.budget;
        if budget.restores > 0 && self.store.before.is_some() {
            steps.push(HolderStep::Restore);
        }
        if budget.expiries > 0 && self.server.can_expire() {
            steps.push(HolderStep::Expire);
        }
        if budget.ticks > 0 {
            steps.push(HolderStep::Tick);
        }
        steps
    }

    /// Under a lease the token server answers at once: its story is that of a holder that stalls
    /// before it sends.
    fn asks_under_a_lease(&self) -> Option<HolderStep> {
        let asks = |process: &Option<Arc<Process>>| {
            let flight = process.as_ref().and_then(|process| process.flight);
            flight.is_some_and(|flight| flight.stage == Stage::Asking)
        };
        let number = self.processes.iter().position(asks)?;
        let answer = HolderStep::Answer(number as u8, Reply::Honest);
        (self.setup.guard == Guard::Lease).then_some(answer)
    }
}
