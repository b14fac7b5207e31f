//! A world around the two machines, to check the promises in.
//!
//! It has many requests, one coordinator, a token server that may fail in every way, callers
//! that give up, sign-ins and sign-outs, a store, and time. It knows no transition rule: it
//! wires the machines as the driver does, counts in a ledger of its own what they ask for, and
//! compares that with the promises, each by its number in the assertion that fails.
//!
//! Properties, the fuzz target and the [explorer](explore) feed the same [`check`].

pub mod explore;
#[cfg(feature = "json")]
pub mod network;

mod flight;
mod hops;
mod ledger;
mod request;
mod server;
mod setup;
mod step;
mod store;
mod story;
mod world;

use std::fmt;

pub use ledger::Tally;
pub use server::Rotation;
pub use setup::{Budget, Lifetime, Second, Setup, Spawning};
pub use step::{Elsewhere, Kept, Reply, Said, Step, Time};
pub use world::World;

/// A promise that did not hold, and the steps that led there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Broken {
    /// The promise.
    pub promise: &'static str,
    /// The setup of the world in which it did not hold.
    pub setup: Setup,
    /// What was done, the last step being the one that broke it.
    pub story: Vec<Step>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{:?}", self.promise, self.setup)?;
        let mut world = World::new(self.setup, Budget::UNLIMITED);
        for (number, step) in self.story.iter().enumerate() {
            writeln!(f, "{:>4}. {}", number + 1, world.describe(*step))?;
            // The last one breaks the promise; it has been told.
            _ = world.take(*step);
        }
        Ok(())
    }
}

impl std::error::Error for Broken {}

/// Takes the steps, checks the promises after each, then lets faults stop and everybody finish.
///
/// Every list of steps is a scenario: a step that is not possible where it stands is passed over.
///
/// # Errors
///
/// The first promise that does not hold.
pub fn check(setup: Setup, steps: &[Step]) -> Result<Tally, Broken> {
    let mut world = World::new(setup, Budget::UNLIMITED);
    let mut story = Vec::new();
    for step in steps {
        if world.enabled().contains(step) {
            take(&mut world, *step, &mut story)?;
        }
    }
    finish(&mut world, &mut story)?;
    Ok(world.tally())
}

/// Takes steps that the bytes pick, each one of those possible where it stands: three in four of
/// what happens by itself, so that things get somewhere.
///
/// # Errors
///
/// As [`check`], whose list of steps the story is.
pub fn check_bytes(bytes: &[u8]) -> Result<Tally, Broken> {
    let (setup, bytes) = Setup::from_bytes(bytes);
    let mut world = World::new(setup, Budget::UNLIMITED);
    let mut story = Vec::new();
    for byte in bytes {
        let fair = world.fair();
        let steps = match byte % 4 {
            0 => world.enabled(),
            _ if fair.is_empty() => world.enabled(),
            _ => fair,
        };
        take(
            &mut world,
            steps[usize::from(byte / 4) % steps.len()],
            &mut story,
        )?;
    }
    finish(&mut world, &mut story)?;
    Ok(world.tally())
}

/// Whether something a stopped world owes anybody is missing; `story` grows by what it takes.
pub(crate) fn finish(world: &mut World, story: &mut Vec<Step>) -> Result<(), Broken> {
    while let Some(step) = world.fair().first() {
        take(world, *step, story)?;
    }
    let checked = world.check_end();
    checked.map_err(|promise| broken(promise, world, story))?;
    // A session that has answered everybody still serves the next.
    for step in [Step::Time(Time::Rest), Step::Start] {
        take(world, step, story)?;
        while let Some(step) = world.fair().first() {
            take(world, *step, story)?;
        }
    }
    let checked = world.check_end();
    checked.map_err(|promise| broken(promise, world, story))
}

fn take(world: &mut World, step: Step, story: &mut Vec<Step>) -> Result<(), Broken> {
    story.push(step);
    let taken = world.take(step);
    taken.map_err(|promise| broken(promise, world, story))
}

fn broken(promise: &'static str, world: &World, story: &[Step]) -> Broken {
    Broken {
        promise,
        setup: world.setup(),
        story: story.to_vec(),
    }
}
