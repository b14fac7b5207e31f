//! Descriptions of steps, for the story of a broken promise.

use super::flight::FlightStage;
use super::request::{AfterDrain, RequestStage};
use super::step::Step;
use super::world::World;

impl World {
    /// The description of a step that is about to be taken.
    pub(super) fn describe(&self, step: Step) -> String {
        let does = match step {
            Step::Move(slot) => {
                let request = self.requests.get(usize::from(slot)).copied().flatten();
                request.map(|request| match request.stage {
                    RequestStage::Stale(..) => "asks for a newer token",
                    RequestStage::Draining(_, AfterDrain::Wait(_)) => {
                        "has drained its answer, and waits for a flight"
                    }
                    RequestStage::Draining(_, AfterDrain::Resume | AfterDrain::Fail) => {
                        "has drained its answer"
                    }
                    RequestStage::Expiring(_) => "waits for its token to be renewed",
                    RequestStage::Waiting(..) | RequestStage::Renewing(..) => {
                        "continues after its flight has landed"
                    }
                    RequestStage::DrainingRedirect(..) => {
                        "has drained its redirect, and sends the next hop"
                    }
                    RequestStage::OnTheWire | RequestStage::Foreign => "waits for the server",
                })
            }
            Step::Fly(slot) => {
                let flight = self.flights.get(usize::from(slot)).copied().flatten();
                flight.map(|flight| match flight.stage {
                    FlightStage::Registered => "departs",
                    FlightStage::Departed(_) => "reads the store, and asks the token server",
                    FlightStage::Asking(_) => "waits for the token server",
                    FlightStage::Pausing(_) => "asks the token server again",
                    FlightStage::Answered(..) => "reads its answer",
                    FlightStage::Unpublished(_) => "lands",
                    FlightStage::Landed(_) => "has landed",
                })
            }
            Step::Start
            | Step::StartOnce
            | Step::StartSecond
            | Step::Answer(..)
            | Step::Leave(_)
            | Step::Serve(..)
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
