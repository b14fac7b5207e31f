//! A world in which the machines are checked against the promises.
//!
//! It has many requests, one coordinator, a token server that can fail in every way, callers that
//! give up, sign-ins and sign-outs, another process that refreshes, and time. It knows no transition
//! rule: it connects the machines as the driver does, counts in its own ledger what they ask for,
//! and compares that with the promises. A failed check names the promise by its number.
//!
//! Beside it is a world of several [holders] that share one record.
//!
//! The property tests, the fuzz target and the [explorer](explore) use this world.
//!
//! Beside it are the answers of [token servers](token_answers) and of [providers], with their
//! classes.

pub mod explore;
pub mod holders;
#[cfg(feature = "json")]
pub mod network;
pub mod providers;
pub mod token_answers;

mod elsewhere;
mod flight;
mod hops;
mod ledger;
mod request;
mod server;
mod setup;
mod step;
mod story;
mod world;

use std::fmt;

pub use ledger::Tally;
pub use server::Rotation;
pub use setup::{Budget, Lifetime, Second, Setup, Spawning};
pub use step::{Elsewhere, Reply, Said, Step, Time};
pub use world::World;

/// A promise that does not hold, and the steps that lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Broken {
    /// The promise.
    pub promise: &'static str,
    /// The setup of the world.
    pub setup: Setup,
    /// The steps, in order. The last one breaks the promise.
    pub story: Vec<Step>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{:?}", self.promise, self.setup)?;
        let mut world = World::new(self.setup, Budget::UNLIMITED);
        for (number, step) in self.story.iter().enumerate() {
            writeln!(f, "{:>4}. {}", number + 1, world.describe(*step))?;
            // The last step fails, and is described already.
            _ = world.take(*step);
        }
        Ok(())
    }
}

impl std::error::Error for Broken {}

/// Takes the steps, and checks the promises after each. Then no more faults happen, and every
/// request finishes.
///
/// Every list of steps is a scenario: a step that is not possible when its turn comes is skipped.
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

/// Takes steps that the bytes select, each from the steps that are possible at that time.
///
/// Three in four are steps without a fault, so that requests make progress.
///
/// # Errors
///
/// The first promise that does not hold. Its story is a list of steps for [`check`].
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

/// Takes steps without faults until nothing is left to do, and checks that every request has its
/// answer. Adds the steps to `story`.
pub(crate) fn finish(world: &mut World, story: &mut Vec<Step>) -> Result<(), Broken> {
    while let Some(step) = world.fair().first() {
        take(world, *step, story)?;
    }
    let checked = world.check_end();
    checked.map_err(|promise| broken(promise, world, story))?;
    // The session still serves the next request.
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
