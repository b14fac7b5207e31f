//! A step in words, where it is taken.

use super::flight::FlightStage;
use super::request::{AfterDrain, RequestStage};
use super::step::Step;
use super::world::World;

impl World {
    /// A step in words, before it is taken.
    pub(super) fn describe(&self, step: Step) -> String {
        let does = match step {
            Step::Move(slot) => {
                let request = self.requests.get(usize::from(slot)).copied().flatten();
                request.map(|request| match request.stage {
                    RequestStage::Stale(..) => "asks for a newer token",
                    RequestStage::Draining(_, AfterDrain::Wait(_)) => {
                        "has drained its answer, and waits"
                    }
                    RequestStage::Draining(_, AfterDrain::Resume | AfterDrain::Fail) => {
                        "has drained its answer"
                    }
                    RequestStage::Expiring(_) => "waits for its token to be renewed",
                    RequestStage::Waiting(..) | RequestStage::Renewing(..) => {
                        "hears that its flight has landed"
                    }
                    RequestStage::DrainingRedirect(..) => "has drained its redirect, and goes on",
                    RequestStage::OnTheWire | RequestStage::Foreign => "waits for the server",
                })
            }
            Step::Fly(slot, _) => {
                let flight = self.flights.get(usize::from(slot)).copied().flatten();
                flight.map(|flight| match flight.stage {
                    FlightStage::Registered => "departs",
                    FlightStage::Departed(_) => "reads the store, and asks the token server",
                    FlightStage::Asking(_) => "waits for the token server",
                    FlightStage::Pausing(_) => "asks the token server again",
                    FlightStage::Answered(..) => "gets its answer",
                    FlightStage::Unsaved(_) => "saves its token",
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
