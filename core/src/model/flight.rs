//! A refresh in the driver; each move is the code between two awaits.

use std::time::Duration;

use super::ledger::{Promise, promise};
use super::request::{Request, RequestStage};
use super::server::Token;
use super::step::Reply;
use super::world::{World, term};
use crate::machine::holder::{Age, Standing};
use crate::machine::{
    AccessTokenChange, CallFailure, Landed as Counted, Landing, RefreshTokenChange, RefreshTokenId,
    Rest, Retries, Sending, StoredAccessToken, StoredToken, StoredTokenUse,
};
use crate::{Generation, Spends};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Flight {
    pub(super) stale: Generation,
    pub(super) stage: FlightStage,
    /// Whether a task drives it.
    spawned: bool,
    /// When its last try began.
    tried: u32,
    /// When its last token request was sent.
    sent: u32,
    retries: Retries,
    /// How often it has paused.
    pub(super) pauses: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum FlightStage {
    /// It is registered, and was not polled yet.
    Registered,
    /// It has read the token that it replaces.
    Departed(Token),
    /// It waits for the answer of the token server to this token.
    Asking(Token),
    /// It pauses before it sends this token again, unless the store has another by then.
    Pausing(Token),
    /// The token server has answered.
    Answered(Token, Answer),
    /// It has found a newer token in the store, which is not published yet.
    Unpublished(Token),
    Landed(Landed),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Answer {
    Token(Token),
    Refused,
    Transient,
    TransientForLong,
    Unknown,
    /// Like [`Unknown`](Self::Unknown), with no time left.
    UnknownLate,
}

/// A new token, and where it comes from.
#[derive(Clone, Copy)]
enum NewToken {
    /// The token server granted the second token for the first.
    Granted(Token, Token),
    /// The flight adopted it from the store.
    Adopted(Token),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Landed {
    Refreshed,
    Failed,
    Overtaken,
}

/// What is lost when a flight ends without a token.
#[derive(Clone, Copy)]
enum Loss {
    Nothing,
    /// The refresh token may be spent.
    Answer,
    /// The refresh token is refused.
    Grant,
}

/// The time for token requests, of the default limit of 30 seconds for a refresh.
const CALL_TIMEOUT: Duration = Duration::from_secs(24);

pub(super) fn id(token: Token) -> RefreshTokenId {
    RefreshTokenId(u64::from(token.identity) << 32 | u64::from(token.refresh))
}

const FAILED: Landing = Landing::Failed(Rest {
    retry_after: None,
    jitter: 0,
});

impl World {
    pub(super) fn register(&mut self, slot: u8, stale: Generation) {
        self.flights[usize::from(slot)] = Some(Flight {
            stale,
            stage: FlightStage::Registered,
            spawned: false,
            tried: 0,
            sent: 0,
            retries: Retries::new(self.rules(), CALL_TIMEOUT),
            pauses: 0,
        });
    }

    /// Lets a task drive the flight, if the runtime has a spawner.
    pub(super) fn spawn(&mut self, slot: u8) {
        let spawns = self.spawns();
        if let Some(flight) = &mut self.flights[usize::from(slot)] {
            flight.spawned |= spawns;
        }
    }

    /// How many requests wait for a flight.
    fn waiting(&self, slot: u8) -> u32 {
        let waits = |request: &&Request| match request.stage {
            RequestStage::Waiting(_, flight) | RequestStage::Renewing(_, flight) => flight == slot,
            RequestStage::Stale(..)
            | RequestStage::Expiring(_)
            | RequestStage::Draining(..)
            | RequestStage::DrainingRedirect(..)
            | RequestStage::Foreign
            | RequestStage::OnTheWire => false,
        };
        self.requests.iter().flatten().filter(waits).count() as u32
    }

    /// Whether a task or a request drives the flight, and its next move is its own.
    pub(super) fn can_fly(&self, slot: u8) -> bool {
        let Some(flight) = self.flights[usize::from(slot)] else {
            return false;
        };
        let driven = flight.spawned || self.waiting(slot) > 0;
        driven
            && !matches!(
                flight.stage,
                FlightStage::Asking(_) | FlightStage::Landed(_)
            )
    }

    pub(super) fn fly(&mut self, slot: u8) -> Promise {
        let mut flight = self.flight(slot)?;
        let stale = flight.stale;
        flight.stage = match flight.stage {
            FlightStage::Registered => match self.held.filter(|_| self.coordinator.awaits(stale)) {
                Some(token) => FlightStage::Departed(token),
                None => FlightStage::Landed(Landed::Overtaken),
            },
            FlightStage::Departed(token) => self.load(&mut flight, token)?,
            FlightStage::Answered(base, Answer::Token(mut new)) => {
                new.expires = self.lifetime().map(|lifetime| flight.tried + lifetime);
                self.publish(flight, NewToken::Granted(base, new))?
            }
            FlightStage::Answered(base, answer) => {
                self.answered(&mut flight, slot, base, answer)?
            }
            FlightStage::Pausing(base) => self.load(&mut flight, base)?,
            FlightStage::Unpublished(newer) => self.publish(flight, NewToken::Adopted(newer))?,
            FlightStage::Asking(_) | FlightStage::Landed(_) => {
                return Err("the flight has no move");
            }
        };
        self.flights[usize::from(slot)] = Some(flight);
        Ok(())
    }

    /// Handles an answer without a token.
    fn answered(
        &mut self,
        flight: &mut Flight,
        slot: u8,
        base: Token,
        answer: Answer,
    ) -> Result<FlightStage, &'static str> {
        let (said, retry_after, left, loss) = match answer {
            Answer::Token(_) => return Err("the answer has a token"),
            Answer::Refused => (CallFailure::Refused, None, CALL_TIMEOUT, Loss::Grant),
            Answer::Transient => (CallFailure::NotProcessed, None, CALL_TIMEOUT, Loss::Nothing),
            Answer::TransientForLong => {
                let long = Some(CALL_TIMEOUT);
                (CallFailure::NotProcessed, long, CALL_TIMEOUT, Loss::Nothing)
            }
            Answer::Unknown => (CallFailure::Lost, None, CALL_TIMEOUT, Loss::Answer),
            Answer::UnknownLate => (CallFailure::Lost, None, Duration::ZERO, Loss::Answer),
        };
        let (waiting, now) = (self.waiting(slot), self.clock());
        let again = self
            .coordinator
            .call_failed(flight.stale, said, waiting, now);
        let pause = flight
            .retries
            .again(again, retry_after, Duration::ZERO, left);
        match (pause, answer) {
            (Some(_), Answer::TransientForLong) => Err("promise 8: a flight keeps its time limit"),
            (Some(_), _) => {
                flight.pauses += 1;
                Ok(FlightStage::Pausing(base))
            }
            (None, Answer::Transient | Answer::TransientForLong) => {
                self.land_failed(*flight, base, Loss::Nothing)
            }
            (None, _) => self.look_again(*flight, base, loss),
        }
    }

    /// Reads the store. Then adopts the stored token, or asks the token server.
    fn load(&mut self, flight: &mut Flight, token: Token) -> Result<FlightStage, &'static str> {
        flight.tried = self.now;
        let newer = self.newer_than(token);
        if let Some(newer) = newer
            && self.usage(newer) == StoredTokenUse::Adopt
        {
            return Ok(FlightStage::Unpublished(newer));
        }
        self.ask(flight, newer.unwrap_or(token))
    }

    fn is_held<T: PartialEq>(&self, token: Token, part: impl Fn(Token) -> T) -> bool {
        let held = self.held.filter(|held| held.identity == token.identity);
        held.map(&part) == Some(part(token))
    }

    /// How the flight uses a token of the store.
    fn usage(&self, stored: Token) -> StoredTokenUse {
        let left = |expires: u32| Duration::from_secs(expires.saturating_sub(self.now).into());
        let access_token = match self.is_held(stored, |token| token.access) {
            true => StoredAccessToken::Same,
            false => StoredAccessToken::Other,
        };
        StoredToken::new(access_token, stored.expires.map(left)).usage(Age::Newer, &Standing::Free)
    }

    /// The token in the store, if it is not this one.
    fn newer_than(&self, token: Token) -> Option<Token> {
        self.stored.filter(|stored| *stored != token)
    }

    /// Reads the store again after a refusal or a lost answer: another process may have used the
    /// refresh token, and stored a newer one.
    fn look_again(
        &mut self,
        flight: Flight,
        base: Token,
        loss: Loss,
    ) -> Result<FlightStage, &'static str> {
        match self.newer_than(base) {
            Some(newer) if self.usage(newer) == StoredTokenUse::Adopt => {
                Ok(FlightStage::Unpublished(newer))
            }
            Some(_) | None => self.land_failed(flight, base, loss),
        }
    }

    fn ask(&mut self, flight: &mut Flight, base: Token) -> Result<FlightStage, &'static str> {
        let now = self.clock();
        let spends = Spends::RefreshToken;
        let sending = self
            .coordinator
            .begin_call(flight.stale, spends, id(base), None, now);
        let connection = match sending {
            Sending::Over(connection) => connection,
            Sending::Spent => return self.land_failed(*flight, base, Loss::Answer),
            Sending::Overtaken => return Ok(FlightStage::Landed(Landed::Overtaken)),
        };
        self.tally.sent_again += u32::from(self.ledger.may_be_spent(base));
        self.ledger.ask(base, self.held, self.now, connection)?;
        flight.sent = self.now;
        Ok(FlightStage::Asking(base))
    }

    pub(super) fn serve(&mut self, slot: u8, reply: Reply) -> Promise {
        let mut flight = self.flight(slot)?;
        let FlightStage::Asking(base) = flight.stage else {
            return Err("the flight has not asked");
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
            Reply::Broken => {
                self.ledger.spend(base);
                Answer::Unknown
            }
            Reply::Silence => {
                self.ledger.spend(base);
                Answer::UnknownLate
            }
            Reply::SameToken => {
                self.ledger.spend(base);
                match self.server.refresh_same(base, flight.sent) {
                    Some(granted) => Answer::Token(granted),
                    None => Answer::Refused,
                }
            }
            Reply::Busy => Answer::Transient,
            Reply::BusyForLong => Answer::TransientForLong,
            Reply::Refused => Answer::Refused,
        };
        flight.stage = FlightStage::Answered(base, answer);
        self.flights[usize::from(slot)] = Some(flight);
        Ok(())
    }

    fn publish(
        &mut self,
        flight: Flight,
        new_token: NewToken,
    ) -> Result<FlightStage, &'static str> {
        let (new, refresh_token) = match new_token {
            NewToken::Granted(base, new) if base.refresh == new.refresh => {
                (new, RefreshTokenChange::Kept)
            }
            NewToken::Adopted(new) if self.is_held(new, |token| token.refresh) => {
                (new, RefreshTokenChange::AdoptedWithSame(id(new)))
            }
            NewToken::Granted(_, new) => (new, RefreshTokenChange::Replaced),
            NewToken::Adopted(new) => (new, RefreshTokenChange::Adopted(id(new))),
        };
        let since = flight.tried;
        let lifetime = new.expires.map(|expires| expires.saturating_sub(since));
        let access_token = match new_token {
            NewToken::Granted(_, new) if self.is_held(new, |token| token.access) => {
                AccessTokenChange::Same
            }
            NewToken::Granted(..) | NewToken::Adopted(_) => AccessTokenChange::New,
        };
        let landing = Landing::Refreshed {
            term: term(since, lifetime, self.setup()),
            access_token,
            refresh_token,
        };
        let landed = self.coordinator.land(flight.stale, landing, self.clock());
        match landed {
            Counted::Overtaken => return Ok(FlightStage::Landed(Landed::Overtaken)),
            Counted::SameToken => {
                promise(
                    access_token == AccessTokenChange::Same && self.ledger.is_refused(),
                    "promise 2: a refresh fails with the same token only if that was refused",
                )?;
                if let NewToken::Granted(base, new) = new_token {
                    self.ledger.learn(base, new);
                    self.stored = Some(new);
                }
                self.tally.same_token += 1;
                self.ledger.forget_refusals();
                self.ledger.rest(self.now);
                self.held = Some(new);
                return Ok(FlightStage::Landed(Landed::Failed));
            }
            Counted::Counts(_) => promise(
                access_token == AccessTokenChange::New || !self.ledger.is_refused(),
                "promise 2: a refresh that brings the refused token does not count",
            )?,
        }
        match new_token {
            NewToken::Granted(base, new) => {
                self.ledger.learn(base, new);
                self.stored = Some(new);
                self.tally.refreshed += 1;
            }
            NewToken::Adopted(_) => {
                if refresh_token == RefreshTokenChange::AdoptedWithSame(id(new)) {
                    self.ledger.learn(new, new);
                }
                self.tally.adopted += 1;
            }
        }
        self.ledger.commit();
        self.ledger.fresh_token(self.now);
        (self.held, self.since) = (Some(new), since);
        Ok(FlightStage::Landed(Landed::Refreshed))
    }

    fn land_failed(
        &mut self,
        flight: Flight,
        base: Token,
        loss: Loss,
    ) -> Result<FlightStage, &'static str> {
        let now = self.clock();
        let landing = match loss {
            Loss::Nothing | Loss::Answer => FAILED,
            Loss::Grant => Landing::Refused,
        };
        if self.coordinator.land(flight.stale, landing, now) == Counted::Overtaken {
            return Ok(FlightStage::Landed(Landed::Overtaken));
        }
        self.ledger.clean = false;
        match loss {
            Loss::Answer if self.ledger.has_another_use(base, self.now) => {
                self.ledger.rest(self.now)
            }
            Loss::Nothing => self.ledger.rest(self.now),
            Loss::Answer | Loss::Grant => self.ledger.refuse_grant(),
        }
        Ok(FlightStage::Landed(Landed::Failed))
    }

    pub(super) fn landed(&self, slot: u8) -> Result<Landed, &'static str> {
        match self.flight(slot)?.stage {
            FlightStage::Landed(landed) => Ok(landed),
            FlightStage::Registered
            | FlightStage::Departed(_)
            | FlightStage::Asking(_)
            | FlightStage::Pausing(_)
            | FlightStage::Answered(..)
            | FlightStage::Unpublished(_) => Err("the flight has not landed"),
        }
    }

    fn flight(&self, slot: u8) -> Result<Flight, &'static str> {
        self.flights[usize::from(slot)].ok_or("there is no such flight")
    }
}
