//! Runs real sessions in a simulated world, in every order and with every fault.
//!
//! A run has one or more processes, each with a [`Session`](reauth::Session) over a simulated
//! transport, store, clock and tasks. One scheduler polls everything. It takes every choice from a
//! string of bytes ([`Choices`]): what happens next, what the servers answer and when, what is lost,
//! late or cut off, which future is dropped, when a process dies. So the same code is a random
//! walk, a fuzz target and an [exhaustive search](search), and what it finds is [made
//! shorter](shorten) by dropping choices.
//!
//! It knows the promises and no rule: the ledger counts what reached the servers.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a call, a move or an event is one thing, or any other"
)]

mod calls;
mod choices;
mod ledger;
mod plan;
mod recording;
mod search;
mod servers;
mod setup;
mod shorten;
mod simulation;
mod situations;
mod stored;
mod tasks;
mod wire;
mod world;

pub use choices::{Choices, Kind, Made};
pub use ledger::{Promise, Violation};
pub use plan::Plan;
pub use recording::{Recording, Story, tell};
pub use search::{Limits, Watched, search};
pub use shorten::shorten;
pub use simulation::{Run, Scope, run};
pub use situations::{Situation, Situations};
pub use wire::quiet_panics;
