//! A store that saves on a condition, and fails as stores do.

use super::*;

/// How a call of the store goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// The store does nothing.
    Down,
    /// A save is done, but its answer is lost.
    Unacknowledged,
    /// A save is done later, if it still can be, and its answer is lost.
    Late,
    /// A save is done and sent again, so that its answer is a conflict with itself.
    SentTwice,
    /// A load answers with an older state.
    Stale,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    /// All states, each with its version. The first one is empty, without a version.
    states: Vec<(Stored, u32)>,
    late: Vec<(Option<u32>, Stored)>,
    ids: u128,
    /// How often it was called.
    pub(super) calls: u32,
}

impl Store {
    /// A store that has this.
    pub(super) fn with(record: Stored) -> Self {
        let mut store = Self::default();
        _ = store.save_if(None, record);
        store
    }

    pub(super) fn there(&self) -> There {
        self.states.last().cloned()
    }

    pub(super) fn record(&self) -> Stored {
        self.there().expect("a record").0
    }

    pub(super) fn states(&self) -> impl Iterator<Item = &Stored> {
        self.states.iter().map(|(record, _)| record)
    }

    pub(super) fn ids(&mut self) -> Ids {
        self.ids += 2;
        ids(1 << 20 | self.ids)
    }

    /// Saves what another holder makes of the record.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Stored)) {
        let (mut record, version) = self.there().expect("a record");
        change(&mut record);
        let record = record.with_write(self.ids().write);
        assert!(matches!(
            self.save_if(Some(version), record),
            Answer::Kept(_)
        ));
    }

    /// Does the saves that were late.
    pub(super) fn land(&mut self) {
        for (expected, record) in std::mem::take(&mut self.late) {
            _ = self.save_if(expected, record);
        }
    }

    fn save_if(&mut self, expected: Option<u32>, record: Stored) -> Answer<u32, u32> {
        let there = self.there();
        if there.as_ref().map(|(_, version)| *version) != expected {
            return Answer::Conflict(there);
        }
        let version = expected.unwrap_or_default() + 1;
        self.states.push((record, version));
        Answer::Kept(version)
    }

    /// Does one call, in this way. Not for an operation that has ended.
    pub(super) fn call(&mut self, next: Next<u32, u32>, fault: Fault) -> Answer<u32, u32> {
        self.calls += 1;
        match (next, fault) {
            (_, Fault::Down) => Answer::Failed,
            (Next::Load, Fault::Stale) => {
                let some = self.calls as usize % self.states.len().max(1);
                Answer::Loaded(self.states.get(some).cloned())
            }
            (Next::Load, _) => Answer::Loaded(self.there()),
            (Next::Save { expected, record }, Fault::Late) => {
                self.late.push((expected, record));
                Answer::Failed
            }
            (Next::Save { expected, record }, _) => {
                let answer = self.save_if(expected, record);
                match fault {
                    Fault::Unacknowledged => Answer::Failed,
                    Fault::SentTwice => Answer::Conflict(self.there()),
                    Fault::None | Fault::Down | Fault::Late | Fault::Stale => answer,
                }
            }
            (next @ Next::Done(_), _) => panic!("no call is {next:?}"),
        }
    }

    /// Does a whole operation. The first calls go wrong in these ways, the others do not.
    pub(super) fn claim(
        &mut self,
        holder: &mut Us,
        spends: Spends,
        clocks: Clocks,
        faults: &[Fault],
    ) -> Done<u32> {
        let claim = claims(holder, spends);
        self.run(holder, claim, clocks, faults)
    }

    pub(super) fn run(
        &mut self,
        holder: &mut Us,
        operation: Operation,
        clocks: Clocks,
        faults: &[Fault],
    ) -> Done<u32> {
        let ids = self.ids();
        let mut next = holder.start(operation, clocks, ids);
        let mut faults = faults.iter();
        loop {
            if let Next::Done(done) = next {
                return done;
            }
            let fault = faults.next().copied().unwrap_or(Fault::None);
            let answer = self.call(next, fault);
            let ids = self.ids();
            next = holder.answered(answer, clocks, ids);
        }
    }
}
