//! The other process, which refreshes the token in the store.

use super::flight::{Answer, Flight, FlightStage};
use super::world::World;

impl World {
    /// Whether another process can refresh now, without a race that the sessions cannot detect.
    pub(super) fn is_quiet(&self) -> bool {
        let underway = |(_, flight): (u8, Flight)| match flight.stage {
            FlightStage::Registered
            | FlightStage::Landed(_)
            | FlightStage::Answered(_, Answer::Refused) => false,
            FlightStage::Departed(_)
            | FlightStage::Asking(_)
            | FlightStage::Pausing(_)
            | FlightStage::Answered(..)
            | FlightStage::Unpublished(_) => true,
        };
        let spent = |token| self.ledger.may_be_spent(token);
        self.held.is_some()
            && self.stored == self.held
            && !self.flights_up().any(underway)
            && !self.stored.is_some_and(spent)
    }

    pub(super) fn refresh_elsewhere(&mut self) {
        if let Some(token) = self.stored
            && let Some(newer) = self.server.refresh(token, self.now)
        {
            self.ledger.spend(token);
            self.ledger.mark_unspent(newer);
            self.stored = Some(newer);
        }
    }
}
