//! What a process does with its holder, as the driver does.

use std::time::Duration;

use super::process::{Flight, Overtaken, Process, Purpose, Stage, may_be_sent};
use super::server::Token;
use super::setup::{Guard, LIMIT};
use super::step::Reply;
use super::store::{Fence, Takeover};
use super::world::{Checked, HolderWorld};
use crate::Spends;
use crate::machine::CallFailure;
use crate::machine::holder::{
    Age, Answer, Claimed, Done, Found, Id, Operation, Position, RefreshTokenKept, Settled, Standing,
};

impl HolderWorld {
    /// A flight departs: the access token in hand is refused.
    pub(super) fn fly(&mut self, number: u8) -> Checked {
        if let Some(process) = self.process(number) {
            process.flight = Some(Flight::new(process.uses.map(|token| token.access)));
        }
        self.look(number)
    }

    /// The flight looks at the record, unless its time is over.
    pub(super) fn look(&mut self, number: u8) -> Checked {
        self.operate(number, Operation::Look)
    }

    fn operate(&mut self, number: u8, operation: Operation) -> Checked {
        let Some(process) = self.process(number) else {
            return Ok(());
        };
        match &mut process.flight {
            Some(flight) if flight.goes_on() && flight.overtaken == Overtaken::No => {
                flight.fuel -= 1;
                flight.stage = Stage::Operating;
                self.start(number, operation, Purpose::Flight)
            }
            _ => {
                process.flight = None;
                Ok(())
            }
        }
    }

    pub(super) fn deliver(&mut self, number: u8) -> Checked {
        self.start(number, Operation::Deliver, Purpose::Idle)
    }

    fn start(&mut self, number: u8, operation: Operation, purpose: Purpose) -> Checked {
        let (now, ids) = (self.now, self.ids());
        let Some(process) = self.process(number) else {
            return Ok(());
        };
        let clocks = process.clocks(now);
        let next = process.holder.start(operation, clocks, ids);
        match process.ask(next, purpose, 0, clocks.now)? {
            Some(done) => self.ended(number, purpose, done),
            None => Ok(()),
        }
    }

    /// A holder hears what came of its call of the store.
    pub(super) fn hear(&mut self, number: u8, answer: Answer<Token, Id>) -> Checked {
        let (now, ids) = (self.now, self.ids());
        let Some(process) = self.process(number) else {
            return Ok(());
        };
        process.hear(&answer);
        let clocks = process.clocks(now);
        let Some(call) = process.call.take() else {
            return Ok(());
        };
        let next = process.holder.answered(answer, clocks, ids);
        match process.ask(next, call.purpose, call.calls, clocks.now)? {
            Some(done) => self.ended(number, call.purpose, done),
            None => Ok(()),
        }
    }

    fn ended(&mut self, number: u8, purpose: Purpose, done: Done<Token>) -> Checked {
        let Some(process) = self.process(number) else {
            return Ok(());
        };
        if purpose == Purpose::Idle {
            return Ok(());
        }
        if process
            .flight
            .is_none_or(|flight| flight.overtaken == Overtaken::Yes)
        {
            process.flight = None;
            return Ok(());
        }
        match (purpose, done) {
            (Purpose::Settle(position, settled), done) => {
                self.settled(number, position, settled, done)
            }
            (_, Done::Found(found)) => self.found(number, found),
            (_, Done::Claimed(Claimed::Free, claim)) => {
                process.set_claim(claim);
                process.set_stage(Stage::Ready);
                Ok(())
            }
            (_, Done::Claimed(Claimed::Over, claim)) => {
                // Whoever has a lease sends.
                let stage = match self.setup.guard {
                    Guard::Claim => Stage::Pausing,
                    Guard::Lease => Stage::Ready,
                };
                if let Some(process) = self.process(number) {
                    process.set_claim(claim);
                    process.set_stage(stage);
                }
                Ok(())
            }
            (_, Done::Failed) => {
                process.flight = None;
                Ok(())
            }
            (_, Done::GivenUp | Done::Delivered) => self.look(number),
        }
    }

    fn found(&mut self, number: u8, found: Found<Token>) -> Checked {
        let (now, guard) = (self.now, self.setup.guard);
        let version = self.store.record.write;
        let expired = |token| self.server.has_expired(token);
        let usable = match &found {
            Found::Token {
                token,
                age: Age::Newer,
                ..
            } if !expired(*token) => Some(token.access),
            Found::Token { .. } | Found::Fence(_) | Found::SignedOut | Found::Nothing => None,
        };
        let Some(process) = self.process(number) else {
            return Ok(());
        };
        let Some(flight) = process.flight else {
            return Ok(());
        };
        let heard = process.heard;
        let is_fence = matches!(found, Found::Fence(_));
        if is_fence == (heard.position.sign_in == process.sign_in) && !process.holder.is_pending() {
            return Err("promise 25: the sign-ins and sign-outs of others are followed");
        }
        match found {
            Found::Fence(record) => {
                if process.holder.follow(&record) {
                    if record.position.epoch < process.seen.0 {
                        return Err("promise 25: what is older than what was seen is not adopted");
                    }
                    process.uses = record.token;
                    process.sign_in = record.position.sign_in;
                }
                process.flight = None;
                Ok(())
            }
            Found::Token {
                token, position, ..
            } if usable.is_some() && usable != flight.refused => {
                if (position.epoch, position.seq) < process.seen || heard.token != Some(token) {
                    return Err("promise 25: what is older than what was seen is not adopted");
                }
                process.holder.hold(position);
                process.uses = Some(token);
                process.flight = None;
                Ok(())
            }
            Found::Token {
                token,
                position,
                standing,
                sent,
                ..
            } => {
                let clock = process.clocks(now).now;
                process.flight = Some(Flight {
                    token: Some((token, sent)),
                    ..flight
                });
                match standing {
                    Standing::Claimed { .. } => process.set_stage(Stage::Waiting(version, now)),
                    Standing::Ours(claim) => {
                        process.set_claim(claim);
                        process.set_stage(Stage::Ready);
                    }
                    Standing::Free | Standing::Unsent | Standing::Lost
                        if may_be_sent(sent, clock) || guard == Guard::Lease =>
                    {
                        return self
                            .operate(number, Operation::Claim(Spends::RefreshToken, position));
                    }
                    // The refresh token is refused, or spent.
                    Standing::Free | Standing::Unsent | Standing::Lost | Standing::Dead => {
                        process.flight = None;
                    }
                }
                Ok(())
            }
            Found::Nothing | Found::SignedOut => {
                process.flight = None;
                Ok(())
            }
        }
    }

    /// The holder sends the refresh token, if its time is not over.
    pub(super) fn send(&mut self, number: u8) -> Checked {
        let (now, setup) = (self.now, self.setup);
        let claimed = self.store.claimed.filter(|_| !self.ledger.restored);
        let takeover = claimed.map(|claimed| claimed.takeover);
        let Some(process) = self.process(number) else {
            return Ok(());
        };
        let clock = match setup.guard {
            Guard::Claim => process.clocks(now).now,
            // Whoever has a lease does not ask the time again.
            Guard::Lease => Duration::ZERO,
        };
        let Some(flight) = process.flight else {
            return Ok(());
        };
        let Some((token, sent)) = flight.token else {
            return Ok(());
        };
        if !may_be_sent(sent, clock) && setup.guard == Guard::Claim {
            return self.settle(number, Settled::NotProcessed);
        }
        if process.holder.begin_send(flight.claim, clock).is_none() {
            return self.look(number);
        }
        process.set_stage(Stage::Asking);
        if setup.guard == Guard::Lease {
            return Ok(());
        }
        process.check_send(token, takeover, clock)?;
        self.ledger.send(token, now, setup, number.into())
    }

    /// The token server answers.
    pub(super) fn answer(&mut self, number: u8, reply: Reply) -> Checked {
        let now = self.now;
        let Some(process) = self.process(number) else {
            return Ok(());
        };
        let Some((token, _)) = process.flight.and_then(|flight| flight.token) else {
            return Ok(());
        };
        let stalled = !process.owns_claim;
        if stalled {
            // The call was on its way for longer than its claim held.
            self.ledger.excuse(token.sign_in);
        }
        let settled = match reply {
            Reply::Honest => match self.server.trade(token, now) {
                Some((token, kept)) => {
                    if kept == RefreshTokenKept::Yes {
                        self.ledger.keep(token.sign_in);
                    }
                    Settled::Granted(token, kept)
                }
                None => {
                    self.ledger.refuse(token);
                    Settled::failed(CallFailure::Refused)
                }
            },
            Reply::Lost => {
                self.ledger.excuse(token.sign_in);
                _ = self.server.trade(token, now);
                Settled::failed(CallFailure::Lost)
            }
            Reply::Broken => {
                self.ledger.excuse(token.sign_in);
                Settled::failed(CallFailure::Lost)
            }
            Reply::Busy => {
                self.ledger.not_processed(token);
                Settled::failed(CallFailure::NotProcessed)
            }
            Reply::Misconfigured => {
                self.ledger.not_processed(token);
                Settled::failed(CallFailure::Misconfigured)
            }
            Reply::Revoked => {
                self.ledger.excuse(token.sign_in);
                self.server.revoke(token);
                self.ledger.refuse(token);
                Settled::failed(CallFailure::Refused)
            }
        };
        match self.setup.guard {
            Guard::Claim => self.check_loss(token)?,
            Guard::Lease if stalled && self.server.is_revoked(token) => {
                return Err("the session is lost: the holder of a lease was stalled");
            }
            Guard::Lease => {}
        }
        self.settle(number, settled)
    }

    fn settle(&mut self, number: u8, settled: Settled<Token>) -> Checked {
        let Some(process) = self.process(number) else {
            return Ok(());
        };
        let claim = process.flight.map_or(Id(0), |flight| flight.claim);
        match (process.holder.settle(claim, settled), &mut process.flight) {
            (Some(position), Some(flight)) => {
                flight.fuel -= 1;
                flight.stage = Stage::Operating;
                self.start(
                    number,
                    Operation::Deliver,
                    Purpose::Settle(position, settled),
                )
            }
            _ => {
                process.flight = None;
                Ok(())
            }
        }
    }

    /// What the token server said is delivered, or cannot be.
    fn settled(
        &mut self,
        number: u8,
        position: Position,
        settled: Settled<Token>,
        done: Done<Token>,
    ) -> Checked {
        let Some(process) = self.process(number) else {
            return Ok(());
        };
        match (settled, done) {
            (Settled::Granted(..), Done::GivenUp) | (Settled::Lost, _) => self.look(number),
            (Settled::Granted(token, _), _) => {
                process.holder.hold(position);
                process.uses = Some(token);
                process.flight = None;
                Ok(())
            }
            (Settled::NotProcessed | Settled::Refused, _) => {
                process.flight = None;
                Ok(())
            }
        }
    }

    /// The user signs in or out.
    pub(super) fn fence(&mut self, number: u8, token: Option<Token>) {
        let (now, ids) = (self.now, self.ids());
        let id = ids.write;
        self.store.fences.push(Fence {
            id,
            meant: now,
            by: number,
        });
        let Some(process) = self.process(number) else {
            return;
        };
        let clock = process.clocks(now).now;
        process.holder.fence(token, ids.write, clock);
        process.uses = token;
        process.sign_in = ids.write;
        if let Some(flight) = &mut process.flight {
            flight.overtaken = Overtaken::Yes;
        }
    }
}

impl Process {
    fn set_claim(&mut self, claim: Id) {
        if let Some(flight) = &mut self.flight {
            flight.claim = claim;
        }
    }

    fn set_stage(&mut self, stage: Stage) {
        if let Some(flight) = &mut self.flight {
            flight.stage = stage;
        }
    }

    /// Whether the token may be sent, by what is in the store and what this process has read.
    fn check_send(&mut self, token: Token, takeover: Option<Takeover>, clock: Duration) -> Checked {
        let heard = self.heard;
        let claimed = self.claimed.take();
        let asked = claimed.filter(|(at, _)| *at == heard.position);
        let position = (heard.position.epoch, heard.position.seq);
        match () {
            () if asked.is_none() => {
                Err("promise 24: a claim that is durable comes before every call")
            }
            () if asked.is_some_and(|(_, asked)| clock >= asked + LIMIT) => {
                Err("promise 24: a refresh token is sent within the limit of its claim")
            }
            () if self.owns_claim && takeover == Some(Takeover::Unseen) => {
                Err("promise 24: who takes over looks again before it sends")
            }
            () if position < self.seen || heard.token != Some(token) => {
                Err("promise 25: a token that was traded away is not sent")
            }
            () if heard.position.sign_in != self.sign_in => {
                Err("promise 25: a token of an earlier sign-in is not sent")
            }
            () if heard.dead => Err("promise 11: a refresh token that was refused is not sent"),
            () => Ok(()),
        }
    }
}
