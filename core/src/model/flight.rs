//! A refresh's way through the driver, one move between two awaits.

use std::time::Duration;

use super::ledger::{Promise, promise};
use super::request::Place;
use super::server::Token;
use super::step::{Kept, Reply};
use super::store::{Lost, Writer};
use super::world::{World, term};
use crate::machine::{Found, Landed as Counted, Landing, RefreshToken, Retries};
use crate::{Generation, RefreshErrorKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Flight {
    pub(super) stale: Generation,
    pub(super) stage: Stage,
    /// Whether a task drives it.
    spawned: bool,
    since: u32,
    /// When its last try began.
    tried: u32,
    /// When it asked last: what comes late is the answer.
    sent: u32,
    retries: Retries,
    /// How often it has paused.
    pub(super) pauses: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Stage {
    /// Registered, and driven by nobody yet.
    Registered,
    /// It has read the token that it replaces.
    Departed(Token),
    /// This token is on its way to the token server.
    Asking(Token),
    /// It waits until this token may be sent once more, if the store has no other by then.
    Pausing(Token),
    /// The answer is on its way back.
    Answered(Token, Answer),
    /// The store is owed what it brought.
    Owed(Brought),
    /// The store has heard of it, or failed.
    Heard(Brought),
    Landed(Landed),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Answer {
    Token(Token),
    Refused,
    Transient,
    TransientForLong,
    Unknown,
}

/// A token, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Brought {
    /// The token server granted it in the place of the first one.
    Granted(Token, Token),
    /// The store had it.
    Adopted(Token),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Landed {
    Refreshed,
    Failed,
    Overtaken,
}

/// Of a refresh's 30 seconds by default.
const CALL_TIMEOUT: Duration = Duration::from_secs(24);

const TRANSIENT: Landing = Landing::Transient { retry_after: None };

fn unknown(flight: Flight) -> Landing {
    let since = Duration::from_secs(flight.since.into());
    Landing::Unknown { since }
}

impl World {
    pub(super) fn register(&mut self, slot: u8, stale: Generation) {
        self.flights[usize::from(slot)] = Some(Flight {
            stale,
            stage: Stage::Registered,
            spawned: false,
            since: 0,
            tried: 0,
            sent: 0,
            retries: Retries::new(self.rules(), CALL_TIMEOUT),
            pauses: 0,
        });
    }

    /// As the driver's: a task drives it, where there is a spawner.
    pub(super) fn spawn(&mut self, slot: u8) {
        let spawns = self.spawns();
        if let Some(flight) = &mut self.flights[usize::from(slot)] {
            flight.spawned |= spawns;
        }
    }

    /// Whether anybody drives it, and it has something to do.
    pub(super) fn can_fly(&self, slot: u8) -> bool {
        let Some(flight) = self.flights[usize::from(slot)] else {
            return false;
        };
        let aboard = |place| match place {
            Place::Aboard(_, flight) | Place::Renewing(_, flight) => flight == slot,
            Place::Stale(..)
            | Place::Expiring(_)
            | Place::Between(..)
            | Place::Hopping(..)
            | Place::Abroad
            | Place::OnTheWire => false,
        };
        let mut waiting = self.requests.iter().flatten();
        let driven = flight.spawned || waiting.any(|request| aboard(request.place));
        driven && !matches!(flight.stage, Stage::Asking(_) | Stage::Landed(_))
    }

    pub(super) fn fly(&mut self, slot: u8, kept: Kept) -> Promise {
        let mut flight = self.flight(slot)?;
        let stale = flight.stale;
        flight.stage = match flight.stage {
            Stage::Registered => match self.held.filter(|_| self.coordinator.awaits(stale)) {
                Some(token) => {
                    flight.since = self.now;
                    Stage::Departed(token)
                }
                None => Stage::Landed(Landed::Overtaken),
            },
            Stage::Departed(token) => self.load(&mut flight, token, kept)?,
            Stage::Answered(base, Answer::Token(mut new)) => {
                new.expires = self.lifetime().map(|lifetime| flight.tried + lifetime);
                if self.books.refreshed(stale, new) {
                    Stage::Owed(Brought::Granted(base, new))
                } else {
                    Stage::Landed(Landed::Overtaken)
                }
            }
            Stage::Answered(base, Answer::Refused) => {
                self.look_again(flight, base, Landing::Refused, kept)?
            }
            Stage::Answered(base, Answer::Unknown) => {
                self.look_again(flight, base, unknown(flight), kept)?
            }
            Stage::Answered(base, Answer::Transient) => {
                let (retries, busy) = (&mut flight.retries, RefreshErrorKind::Transient);
                match retries.again(busy, None, Duration::ZERO, CALL_TIMEOUT) {
                    Some(_) => {
                        flight.pauses += 1;
                        Stage::Pausing(base)
                    }
                    None => self.lose(flight, base, TRANSIENT)?,
                }
            }
            Stage::Answered(base, Answer::TransientForLong) => {
                let mut retries = flight.retries;
                let long = Some(CALL_TIMEOUT);
                let busy = RefreshErrorKind::Transient;
                let again = retries.again(busy, long, Duration::ZERO, CALL_TIMEOUT);
                promise(again.is_none(), "promise 8: a flight has its deadline")?;
                self.lose(flight, base, TRANSIENT)?
            }
            Stage::Pausing(base) => self.load(&mut flight, base, kept)?,
            Stage::Owed(brought) => {
                // A save that fails stays owed.
                _ = self.settle(kept);
                Stage::Heard(brought)
            }
            Stage::Heard(brought) => self.publish(flight, brought)?,
            Stage::Asking(_) | Stage::Landed(_) => return Err("it has nothing to do"),
        };
        self.flights[usize::from(slot)] = Some(flight);
        Ok(())
    }

    /// The store is told what it is owed, and read again; then somebody is asked, or nobody.
    fn load(
        &mut self,
        flight: &mut Flight,
        token: Token,
        kept: Kept,
    ) -> Result<Stage, &'static str> {
        flight.tried = self.now;
        let newer = match self.read(token, kept) {
            Ok(Found::NothingNew) => None,
            Ok(Found::Newer(newer)) => Some(newer),
            Ok(Found::Erased) => return self.lose(*flight, token, Landing::Refused),
            Err(Lost) => return self.lose(*flight, token, TRANSIENT),
        };
        if let Some(newer) = newer
            && newer.expires.is_none_or(|expires| flight.tried < expires)
        {
            return Ok(Stage::Heard(Brought::Adopted(newer)));
        }
        self.ask(flight, newer.unwrap_or(token))
    }

    /// What the store has, once it has heard what it is owed.
    fn read(&mut self, token: Token, kept: Kept) -> Result<Found<Token>, Lost> {
        let owed = self.books.owed().is_some();
        match (self.settle(kept), kept, owed) {
            // What the store does not know yet is newer than what it holds.
            (Err(Lost), ..) => Ok(Found::NothingNew),
            (Ok(()), Kept::Fails, false) => Err(Lost),
            (Ok(()), ..) => Ok(self.books.find(&token, self.store.kept)),
        }
    }

    /// A token that was refused or lost may have been used by somebody else, who left another.
    fn look_again(
        &mut self,
        flight: Flight,
        base: Token,
        landing: Landing,
        kept: Kept,
    ) -> Result<Stage, &'static str> {
        match self.read(base, kept) {
            Ok(Found::Newer(newer)) => Ok(Stage::Heard(Brought::Adopted(newer))),
            Ok(Found::NothingNew | Found::Erased) | Err(Lost) => self.lose(flight, base, landing),
        }
    }

    fn ask(&mut self, flight: &mut Flight, base: Token) -> Result<Stage, &'static str> {
        if !self.coordinator.awaits(flight.stale) {
            return Ok(Stage::Landed(Landed::Overtaken));
        }
        if self.coordinator.is_spent(self.clock()) {
            return self.lose(*flight, base, unknown(*flight));
        }
        self.ledger.ask(base, flight.since, self.now)?;
        flight.sent = self.now;
        Ok(Stage::Asking(base))
    }

    pub(super) fn serve(&mut self, slot: u8, reply: Reply) -> Promise {
        let mut flight = self.flight(slot)?;
        let Stage::Asking(base) = flight.stage else {
            return Err("nobody asked");
        };
        let answer = match reply {
            Reply::Honest => {
                self.ledger.spend(base);
                match self.server.refresh(base, flight.sent) {
                    Some(granted) => {
                        self.ledger.grant(flight.stale)?;
                        Answer::Token(granted)
                    }
                    None => Answer::Refused,
                }
            }
            Reply::Lost => {
                self.ledger.spend(base);
                _ = self.server.refresh(base, flight.sent);
                Answer::Unknown
            }
            Reply::Broken | Reply::Silence => {
                self.ledger.spend(base);
                Answer::Unknown
            }
            Reply::Busy => Answer::Transient,
            Reply::BusyForLong => Answer::TransientForLong,
            Reply::Refused => Answer::Refused,
        };
        flight.stage = Stage::Answered(base, answer);
        self.flights[usize::from(slot)] = Some(flight);
        Ok(())
    }

    fn publish(&mut self, flight: Flight, brought: Brought) -> Result<Stage, &'static str> {
        let (new, refresh_token) = match brought {
            Brought::Granted(base, new) if base.refresh == new.refresh => (new, RefreshToken::Kept),
            Brought::Granted(_, new) | Brought::Adopted(new) => (new, RefreshToken::Replaced),
        };
        let since = flight.tried;
        let lifetime = new.expires.map(|expires| expires.saturating_sub(since));
        let landing = Landing::Refreshed {
            term: term(since, lifetime),
            refresh_token,
        };
        let landed = self.coordinator.land(flight.stale, landing, self.clock());
        if landed == Counted::Overtaken {
            return Ok(Stage::Landed(Landed::Overtaken));
        }
        match brought {
            Brought::Granted(base, new) => {
                self.ledger.learn(base, new);
                self.tally.refreshed += 1;
            }
            Brought::Adopted(_) => {
                self.ledger.unlearn();
                self.tally.adopted += 1;
            }
        }
        self.ledger.commit();
        (self.held, self.since) = (Some(new), since);
        let saved = self.store.token() == Some(new);
        promise(
            saved || self.books.owed().is_some() || self.store.writer == Writer::SomebodyElse,
            "promise 10: a token is saved before it is published, or stays owed",
        )?;
        Ok(Stage::Landed(Landed::Refreshed))
    }

    fn lose(
        &mut self,
        flight: Flight,
        base: Token,
        landing: Landing,
    ) -> Result<Stage, &'static str> {
        let now = self.clock();
        Ok(Stage::Landed(
            match self.coordinator.land(flight.stale, landing, now) {
                Counted::Counts(_) => {
                    self.ledger.clean = false;
                    let lost = landing == unknown(flight);
                    if landing == Landing::Refused || lost && self.ledger.is_lost(base, self.now) {
                        self.ledger.die();
                    } else {
                        self.ledger.rest();
                    }
                    Landed::Failed
                }
                Counted::Overtaken => Landed::Overtaken,
            },
        ))
    }

    pub(super) fn landed(&self, slot: u8) -> Result<Landed, &'static str> {
        match self.flight(slot)?.stage {
            Stage::Landed(landed) => Ok(landed),
            Stage::Registered
            | Stage::Departed(_)
            | Stage::Asking(_)
            | Stage::Pausing(_)
            | Stage::Answered(..)
            | Stage::Owed(_)
            | Stage::Heard(_) => Err("it has not landed"),
        }
    }

    fn flight(&self, slot: u8) -> Result<Flight, &'static str> {
        self.flights[usize::from(slot)].ok_or("there is no such flight")
    }
}
