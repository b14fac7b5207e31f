//! A step in words, where it is taken.

use super::flight::Stage;
use super::request::{Ahead, Place};
use super::step::Step;
use super::world::World;

impl World {
    /// A step in words, before it is taken.
    pub(super) fn tell(&self, step: Step) -> String {
        let does = match step {
            Step::Move(slot) => {
                let request = self.requests.get(usize::from(slot)).copied().flatten();
                request.map(|request| match request.place {
                    Place::Stale(..) => "asks for a newer token",
                    Place::Between(_, Ahead::Wait(_)) => "has drained its answer, and waits",
                    Place::Between(_, Ahead::Resume | Ahead::Fail) => "has drained its answer",
                    Place::Expiring(_) => "waits for its token to be renewed",
                    Place::Aboard(..) | Place::Renewing(..) => "hears that its flight has landed",
                    Place::Hopping(..) => "has drained its redirect, and goes on",
                    Place::OnTheWire | Place::Abroad => "waits for the server",
                })
            }
            Step::Fly(slot, _) => {
                let flight = self.flights.get(usize::from(slot)).copied().flatten();
                flight.map(|flight| match flight.stage {
                    Stage::Registered => "departs",
                    Stage::Departed(_) => "reads the store, and asks the token server",
                    Stage::Asking(_) => "waits for the token server",
                    Stage::Pausing(_) => "asks the token server again",
                    Stage::Answered(..) => "gets its answer",
                    Stage::Owed(_) => "saves its token",
                    Stage::Heard(_) => "lands",
                    Stage::Landed(_) => "has landed",
                })
            }
            Step::Start
            | Step::StartOnce
            | Step::StartSecond
            | Step::Answer(..)
            | Step::Leave(_)
            | Step::Serve(..)
            | Step::Settle(_)
            | Step::SignIn
            | Step::SignOut
            | Step::Expire
            | Step::Revoke
            | Step::Elsewhere(_)
            | Step::Time(_) => None,
        };
        match does {
            Some(does) => format!("{step} {does}"),
            None => step.to_string(),
        }
    }
}
