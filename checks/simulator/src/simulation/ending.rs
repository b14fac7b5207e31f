//! How a run ends: the faults stop, everything comes to rest, and each session is asked for its
//! service.

use super::Simulation;
use crate::calls::Place;
use crate::ledger::{Promise, Sent};
use crate::setup::Storing;
use crate::situations::Situation;

/// How many things may happen until all is quiet.
const QUIET: u32 = 3000;

impl Simulation<'_> {
    /// The faults stop: everything comes to rest, and each session is asked for its service.
    pub(super) fn finish(&mut self) {
        if self.is_broken() {
            return;
        }
        self.state().tell(|| "---- the faults stop".to_owned());
        self.faults = false;
        self.release();
        self.rest();
        for process in 0..self.setup.processes {
            if self.session(process).is_none() && !self.is_broken() {
                self.open(process);
                self.rest();
            }
        }
        self.everything_ended();
        // After the first round nothing waits to be written.
        for last in [false, true] {
            self.probe();
            self.close_all(last);
        }
        self.forget_late_calls();
    }

    pub(super) fn everything_ended(&mut self) {
        let pending: Vec<_> = self
            .tasks
            .live()
            .map(|(_, task)| (task.holder.process, task.label))
            .collect();
        if let Some((process, label)) = pending.first() {
            let mut state = self.state();
            state.broken(Promise::P7, || format!("P{process}: {label} never ends"));
        }
    }

    /// Lets everything happen in the usual order, until nothing is left that can.
    pub(super) fn rest(&mut self) {
        for _ in 0..QUIET {
            if self.is_broken() {
                return;
            }
            self.collect();
            if let Some(next) = self.moves.first() {
                self.go(*next);
                continue;
            }
            let mut state = self.state();
            match state.next_timer() {
                Some(next) => state.pass(next),
                None => return,
            }
        }
        self.state()
            .broken(Promise::P8, || "there is no rest".to_owned());
    }

    /// Each session that was not told to sign in again is served.
    pub(super) fn probe(&mut self) {
        if self.is_broken() {
            return;
        }
        {
            let mut state = self.state();
            state.servers.revoke_accesses();
            state.tell(|| "---- all access tokens are revoked".to_owned());
        }
        for process in 0..self.setup.processes {
            for attempt in 0..3 {
                let mut state = self.state();
                let until = state.now + 400_000;
                state.pass(until);
                drop(state);
                self.rest();
                let place = Place { origin: 0, path: 0 };
                let Some(request) = self.request(process, place, Sent::Nothing) else {
                    break;
                };
                self.rest();
                let mut state = self.state();
                if state.violation.is_some() {
                    return;
                }
                if state.ledger.requests[request].ended == Some(None)
                    && state.ledger.requests[request].served
                {
                    state.met(Situation::Served);
                    break;
                }
                if state.may_end(state.ledger.holding_of(process).sign_in) {
                    state.met(Situation::Ended);
                    break;
                }
                if attempt == 2 {
                    state.broken(Promise::P11, || format!("P{process} is not served"));
                }
            }
        }
    }

    /// Each session is closed. At last, what the store has is compared with what it has.
    pub(super) fn close_all(&mut self, last: bool) {
        for process in 0..self.setup.processes {
            if self.is_broken() {
                return;
            }
            if self.close(process).is_none() {
                continue;
            }
            self.rest();
            self.everything_ended();
            let mut state = self.state();
            state.compare_events(process);
            if last && self.setup.store == Storing::Shared {
                state.compare_store(process);
            }
        }
    }

    pub(super) fn forget_late_calls(&mut self) {
        let calls = std::mem::take(&mut self.state().calls);
        drop(calls);
    }
}
