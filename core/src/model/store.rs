//! The store: what it holds, how it is written, and the other process that uses it.

use super::flight::{Answer, Flight, FlightStage};
use super::server::Token;
use super::step::Kept;
use super::world::World;
use crate::machine::{Conflict, Version, Write};

/// What the store holds: a token, or a sign-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Store {
    pub(super) kept: Option<(Option<Token>, Version)>,
    pub(super) writer: Writer,
    versions: u64,
}

/// The last writer of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Writer {
    ThisSession,
    AnotherProcess,
}

impl Store {
    pub(super) const fn empty() -> Self {
        Self {
            kept: None,
            writer: Writer::ThisSession,
            versions: 0,
        }
    }

    pub(super) fn version(self) -> Option<Version> {
        self.kept.map(|(_, version)| version)
    }

    pub(super) fn token(self) -> Option<Token> {
        self.kept?.0
    }

    pub(super) fn keep(&mut self, token: Option<Token>, writer: Writer) -> Version {
        self.writer = writer;
        self.versions += 1;
        let version = Version(self.versions);
        self.kept = Some((token, version));
        version
    }
}

/// A call of the store failed, or its answer was lost.
pub(super) struct Lost;

impl World {
    /// Writes what is pending. The error says that the session does not know of a success.
    pub(super) fn flush(&mut self, kept: Kept) -> Result<(), Lost> {
        while let Some(write) = self.outbox.pending().copied() {
            self.save(write, kept)?;
            self.outbox.flushed(&write);
        }
        Ok(())
    }

    fn save(&mut self, write: Write<Token>, kept: Kept) -> Result<(), Lost> {
        let mut expected = self.outbox.saving(&write);
        if kept == Kept::Fails {
            return Err(Lost);
        }
        while self.store.version() != expected {
            match self.outbox.conflict(&write, self.store.kept) {
                Conflict::Landed | Conflict::Theirs => return Ok(()),
                Conflict::Again => expected = self.outbox.saving(&write),
            }
        }
        let version = self.store.keep(write.token().copied(), Writer::ThisSession);
        if kept == Kept::LosesItsAnswer {
            return Err(Lost);
        }
        self.outbox.saved(version);
        Ok(())
    }

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
            | FlightStage::Unsaved(_)
            | FlightStage::Unpublished(_) => true,
        };
        let kept = self.store.token();
        self.held.is_some()
            && kept == self.held
            && self.outbox.pending().is_none()
            && !self.flights_up().any(underway)
            && !kept.is_some_and(|token| self.ledger.may_be_spent(token))
    }

    pub(super) fn refresh_elsewhere(&mut self) {
        if let Some(token) = self.store.token()
            && let Some(newer) = self.server.refresh(token, self.now)
        {
            self.ledger.spend(token);
            self.ledger.mark_unspent(newer);
            _ = self.store.keep(Some(newer), Writer::AnotherProcess);
        }
    }
}
