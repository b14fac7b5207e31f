//! Exhaustive exploration: visits each reachable world once.
//!
//! The search is breadth-first, so the first story of a broken promise is also the shortest.
//! Worlds that differ only in the numbers of their requests are the same.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use super::Broken;
use super::ledger::Tally;
use super::setup::{Budget, Setup};
use super::step::Step;
use super::world::World;

/// The result of an exploration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explored {
    /// The number of different worlds.
    pub states: usize,
    /// The number of steps from one world to another.
    pub transitions: usize,
    /// The largest number of steps that is needed to reach a world.
    pub depth: usize,
    /// The maximum of each count over all worlds.
    pub tally: Tally,
}

/// Visits every world that can be reached within the budget.
///
/// In each world it checks that the promises hold, that every step lowers the rank of the world, so
/// that every run ends, and that every request has its answer once no step without a fault is left.
///
/// # Errors
///
/// The first promise that does not hold, with its shortest story.
pub fn explore(setup: Setup, budget: Budget) -> Result<Explored, Broken> {
    let mut tally = Tally::default();
    let explored = walk(World::new(setup, budget), |world: &World| {
        tally = tally.most(world.tally());
    });
    match explored {
        Ok(explored) => Ok(Explored { tally, ..explored }),
        Err((promise, story)) => Err(Broken {
            promise,
            setup,
            story,
        }),
    }
}

/// A world that can be explored.
pub(super) trait Walk: Clone {
    /// One thing that happens.
    type Step: Copy;

    /// The steps that are possible.
    fn enabled(&self) -> Vec<Self::Step>;

    /// Takes a step. An error is the promise that it breaks.
    fn take(&mut self, step: Self::Step) -> Result<(), &'static str>;

    /// A number that falls with every step.
    fn rank(&self) -> u32;

    /// What must be true of a world in which no step without a fault is left. An error has the
    /// steps that led to it.
    fn check(&self) -> Result<(), (&'static str, Vec<Self::Step>)>;

    /// A hash that is the same only for worlds that make no difference.
    fn fingerprint(&self) -> u128;
}

impl Walk for World {
    type Step = Step;

    fn enabled(&self) -> Vec<Step> {
        Self::enabled(self)
    }

    fn take(&mut self, step: Step) -> Result<(), &'static str> {
        Self::take(self, step)
    }

    fn rank(&self) -> u32 {
        Self::rank(self)
    }

    fn check(&self) -> Result<(), (&'static str, Vec<Step>)> {
        match self.fair().is_empty() {
            true => self.check_end().map_err(|promise| (promise, Vec::new())),
            false => Ok(()),
        }
    }

    fn fingerprint(&self) -> u128 {
        let mut hasher = Fingerprint::default();
        Self::fingerprint(self, &mut hasher);
        hasher.whole()
    }
}

/// Visits every world that can be reached from the first, and shows it.
pub(super) fn walk<W: Walk>(
    first: W,
    mut show: impl FnMut(&W),
) -> Result<Explored, (&'static str, Vec<W::Step>)> {
    let mut seen = Seen::default();
    seen.insert(first.fingerprint(), None);
    let mut frontier = vec![(0, first)];
    let mut explored = Explored::default();
    while !frontier.is_empty() {
        let mut next = Vec::new();
        for (index, world) in frontier {
            let checked = world.check();
            checked.map_err(|(promise, steps)| (promise, [seen.story(index), steps].concat()))?;
            for step in world.enabled() {
                explored.transitions += 1;
                let mut changed = world.clone();
                let taken = changed
                    .take(step)
                    .and_then(|()| rank_falls(&world, &changed));
                taken.map_err(|promise| {
                    let mut story = seen.story(index);
                    story.push(step);
                    (promise, story)
                })?;
                show(&changed);
                if let Some(index) = seen.insert(changed.fingerprint(), Some((index, step))) {
                    next.push((index, changed));
                }
            }
        }
        explored.depth += usize::from(!next.is_empty());
        frontier = next;
    }
    explored.states = seen.parents.len();
    Ok(explored)
}

fn rank_falls<W: Walk>(before: &W, after: &W) -> Result<(), &'static str> {
    if after.rank() < before.rank() {
        Ok(())
    } else {
        Err("every step lowers the rank of the world")
    }
}

/// The worlds that were visited: their hashes, and the step that first led to each.
struct Seen<S> {
    hashes: HashSet<u128, BuildHasherDefault<HashedKey>>,
    parents: Vec<Option<(u32, S)>>,
}

impl<S> Default for Seen<S> {
    fn default() -> Self {
        Self {
            hashes: HashSet::default(),
            parents: Vec::new(),
        }
    }
}

impl<S: Copy> Seen<S> {
    /// The index of a world, if it was not visited before.
    fn insert(&mut self, fingerprint: u128, parent: Option<(u32, S)>) -> Option<u32> {
        if !self.hashes.insert(fingerprint) {
            return None;
        }
        self.parents.push(parent);
        u32::try_from(self.parents.len() - 1).ok()
    }

    fn story(&self, index: u32) -> Vec<S> {
        let mut story = Vec::new();
        let mut at = index;
        while let Some(Some((before, step))) = self.parents.get(at as usize) {
            story.push(*step);
            at = *before;
        }
        story.reverse();
        story
    }
}

/// A fast hash of 128 bits, by two folded multiplications a word: an exploration spends most of its
/// time on hashing.
#[derive(Clone)]
pub(super) struct Fingerprint([u64; 2]);

impl Default for Fingerprint {
    fn default() -> Self {
        Self([0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344])
    }
}

impl Fingerprint {
    pub(super) fn whole(&self) -> u128 {
        u128::from(self.0[0]) << 64 | u128::from(self.0[1])
    }

    fn mix(&mut self, word: u64) {
        const BY: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93];
        for (half, by) in self.0.iter_mut().zip(BY) {
            let product = u128::from(*half ^ word) * u128::from(by);
            *half = ((product >> 64) as u64 ^ product as u64).wrapping_add(by);
        }
    }
}

impl Hasher for Fingerprint {
    fn finish(&self) -> u64 {
        self.0[0]
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, n: u8) {
        self.mix(n.into());
    }

    fn write_u16(&mut self, n: u16) {
        self.mix(n.into());
    }

    fn write_u32(&mut self, n: u32) {
        self.mix(n.into());
    }

    fn write_u64(&mut self, n: u64) {
        self.mix(n);
    }

    fn write_usize(&mut self, n: usize) {
        self.mix(n as u64);
    }
}

/// A hasher for keys that are hashes.
#[derive(Default)]
struct HashedKey(u64);

impl Hasher for HashedKey {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u128(&mut self, hash: u128) {
        self.0 = hash as u64;
    }
}
