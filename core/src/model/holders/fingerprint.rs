//! Which worlds of several holders make no difference.

use std::hash::{Hash, Hasher};

use super::world::HolderWorld;
use crate::model::explore::Fingerprint;

impl HolderWorld {
    /// Holders that change places, and numbers that are only compared for equality, make no
    /// difference.
    pub(super) fn hash_of_all(&self) -> u128 {
        let mut whole = Renamed::default();
        self.hash_shared(&mut whole);
        let mut order: Vec<_> = (0..self.processes.len())
            .map(|number| {
                let mut alone = whole.clone();
                self.hash_process(number, &mut alone);
                (alone.hash.whole(), number)
            })
            .collect();
        order.sort_unstable();
        for (_, number) in order {
            self.hash_process(number, &mut whole);
        }
        whole.hash.whole()
    }

    fn hash_shared(&self, hasher: &mut Renamed) {
        self.budget.hash(hasher);
        self.now.hash(hasher);
        self.server.hash(hasher);
        self.ledger.hash(hasher);
        let history = self.budget.stale > 0 || self.budget.restores > 0;
        self.store.hash_into(hasher, history);
    }

    fn hash_process(&self, number: usize, hasher: &mut Renamed) {
        for late in &self.store.late {
            (late.by == Some(number as u8)).hash(hasher);
        }
        for fence in &self.store.fences {
            (fence.by == number as u8).hash(hasher);
        }
        match &self.processes[number] {
            Some(process) => process.hash(hasher),
            None => self.setup.token_use_of(number).hash(hasher),
        }
    }
}

/// A hash for which an id counts by where it appears first.
#[derive(Clone, Default)]
struct Renamed {
    hash: Fingerprint,
    ids: Vec<u128>,
}

impl Hasher for Renamed {
    fn finish(&self) -> u64 {
        self.hash.finish()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.hash.write(bytes);
    }

    fn write_u8(&mut self, n: u8) {
        self.hash.write_u8(n);
    }

    fn write_u32(&mut self, n: u32) {
        self.hash.write_u32(n);
    }

    fn write_u64(&mut self, n: u64) {
        self.hash.write_u64(n);
    }

    fn write_usize(&mut self, n: usize) {
        self.hash.write_usize(n);
    }

    fn write_u128(&mut self, id: u128) {
        let known = self.ids.iter().position(|known| *known == id);
        let at = known.unwrap_or_else(|| {
            self.ids.push(id);
            self.ids.len() - 1
        });
        self.hash.write_usize(at);
    }
}
