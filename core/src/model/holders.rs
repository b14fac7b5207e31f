//! A world in which several holders share one record.
//!
//! Each holder is the real [`Holder`](crate::machine::Holder), with a flight that does what the
//! driver does: look, claim, send, commit. Around them are a store, a token server and a clock that
//! can fail in every way, and at any time. The world counts what reached the server and the store,
//! and compares that with the promises; it does not believe what the machines say.

mod choices;
mod fingerprint;
mod flight;
mod ledger;
mod process;
mod recovery;
mod server;
mod setup;
mod step;
mod store;
mod story;
mod world;

use std::fmt;

use super::explore::{Explored, walk};
pub use setup::{Guard, HolderBudget, HolderSetup};
pub use step::{HolderStep, Reply, Served};
pub use world::HolderWorld;

/// A promise that does not hold among several holders, and the steps that lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HoldersBroken {
    /// The promise.
    pub promise: &'static str,
    /// The setup of the world.
    pub setup: HolderSetup,
    /// The number of holders.
    pub holders: u8,
    /// The steps, in order. The last one breaks the promise, or what follows when faults stop.
    pub story: Vec<HolderStep>,
    budget: HolderBudget,
}

impl fmt::Display for HoldersBroken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}", self.promise, self.setup)?;
        let mut world = HolderWorld::new(self.setup, self.holders, self.budget);
        for (number, step) in self.story.iter().enumerate() {
            writeln!(f, "{:>4}. {}", number + 1, world.describe(*step))?;
            // The last step fails, and is described already.
            _ = world.take(*step);
        }
        Ok(())
    }
}

impl std::error::Error for HoldersBroken {}

/// Visits every world of this many holders that can be reached within the budget.
///
/// In each world it checks that the promises hold, that every step lowers the rank of the world, so
/// that every run ends, and that the holders agree on a token once faults stop.
///
/// # Errors
///
/// The first promise that does not hold, with its shortest story.
pub fn explore_holders(
    setup: HolderSetup,
    holders: u8,
    budget: HolderBudget,
) -> Result<Explored, HoldersBroken> {
    let first = HolderWorld::new(setup, holders, budget);
    walk(first, |_| {}).map_err(|(promise, story)| HoldersBroken {
        promise,
        setup,
        holders,
        story,
        budget,
    })
}
