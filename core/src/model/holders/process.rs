//! A process with a holder, and the stage of its flight.

use std::sync::Arc;
use std::time::Duration;

use super::server::Token;
use super::setup::{HolderSetup, LIMIT, PATIENCE};
use crate::machine::Holder;
use crate::machine::TokenUse;
use crate::machine::holder::{
    Answer, Clocks, Done, HolderSettings, Id, Next, Position, Record, Sent, Settled,
};

/// How many operations a flight begins at most.
const FUEL: u8 = 8;

/// How many operations it keeps, so that it can end its claim.
const RESERVE: u8 = 2;

/// How often an operation calls the store at most.
const MOST_CALLS: u8 = 60;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Process {
    pub(super) holder: Holder<Token, Id>,
    /// The token that signs requests.
    pub(super) uses: Option<Token>,
    /// The sign-in or sign-out that it knows.
    pub(super) sign_in: Id,
    /// How far its wall clock runs ahead.
    pub(super) skew: u32,
    pub(super) call: Option<Call>,
    pub(super) flight: Option<Flight>,
    /// The highest position that it has read or written.
    pub(super) seen: (u64, u64),
    /// What it has read or written last.
    pub(super) heard: Heard,
    /// Where it has a claim that was in the store, and under which it has not sent, and when it
    /// asked for it by its own clock.
    pub(super) claimed: Option<(Position, Duration)>,
    /// Whether the claim in the record is its own.
    pub(super) owns_claim: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Heard {
    pub(super) position: Position,
    pub(super) token: Option<Token>,
    pub(super) dead: bool,
}

/// A call of the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Call {
    pub(super) purpose: Purpose,
    pub(super) ask: Ask,
    pub(super) calls: u8,
    /// When it was asked, by its own clock.
    pub(super) asked: Duration,
    /// The answer, while it is on its way.
    pub(super) answer: Option<Answer<Token, Id>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Ask {
    Load,
    Save(Option<Id>, Record<Token>),
}

/// What an operation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Purpose {
    Flight,
    /// The answer of the token server.
    Settle(Position, Settled<Token>),
    /// What is pending, beside a flight or without one.
    Idle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Flight {
    pub(super) stage: Stage,
    /// The access token that was refused.
    pub(super) refused: Option<u8>,
    pub(super) fuel: u8,
    /// The token that is sent, and what is known of it.
    pub(super) token: Option<(Token, Sent)>,
    /// The claim under which it sends.
    pub(super) claim: Id,
    pub(super) overtaken: Overtaken,
}

/// Whether a sign-in or sign-out came since the flight departed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Overtaken {
    No,
    Yes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// An operation is in progress.
    Operating,
    /// Somebody else has claimed this version; it was seen at this time.
    Waiting(Id, u32),
    /// The claim took the place of another one.
    Pausing,
    /// The refresh token may be sent.
    Ready,
    /// The token server was called.
    Asking,
}

impl Process {
    /// A process that has read this record.
    pub(super) fn open(
        setup: HolderSetup,
        number: usize,
        there: Option<(Record<Token>, Id)>,
    ) -> Self {
        let settings = HolderSettings {
            // Its name is for messages; alike, the holders can change places.
            name: Arc::from(""),
            limit: LIMIT,
            patience: PATIENCE,
            token_use: setup.token_use_of(number),
        };
        let record = there.as_ref().map(|(record, _)| record);
        let heard = Heard::of(record);
        Self {
            uses: heard.token,
            sign_in: heard.position.sign_in,
            skew: 0,
            call: None,
            flight: None,
            seen: (heard.position.epoch, heard.position.seq),
            heard,
            claimed: None,
            owns_claim: false,
            holder: Holder::new(settings, there),
        }
    }

    pub(super) fn clocks(&self, now: u32) -> Clocks {
        Clocks {
            now: Duration::from_secs((now + self.skew).into()),
            monotonic: Duration::from_secs(now.into()),
        }
    }

    pub(super) fn hear(&mut self, answer: &Answer<Token, Id>) {
        let record = match (answer, &self.call) {
            (Answer::Loaded(Some((record, _))) | Answer::Conflict(Some((record, _))), _) => record,
            (
                Answer::Kept(_),
                Some(Call {
                    ask: Ask::Save(_, record),
                    ..
                }),
            ) => record,
            _ => return,
        };
        self.heard = Heard::of(Some(record));
        let position = record.position;
        self.seen = self.seen.max((position.epoch, position.seq));
    }

    /// Remembers what the machine asks for. Returns what it has done, if nothing.
    pub(super) fn ask(
        &mut self,
        next: Next<Token, Id>,
        purpose: Purpose,
        calls: u8,
        asked: Duration,
    ) -> Result<Option<Done<Token>>, &'static str> {
        let ask = match next {
            Next::Done(done) => {
                self.call = None;
                return Ok(Some(done));
            }
            Next::Load => Ask::Load,
            Next::Save { expected, record } => Ask::Save(expected, record),
        };
        self.call = Some(Call {
            purpose,
            ask,
            calls: calls + 1,
            asked,
            answer: None,
        });
        match calls < MOST_CALLS {
            true => Ok(None),
            false => Err("promise 26: every operation ends"),
        }
    }

    pub(super) fn rank(&self) -> u32 {
        let flight = self.flight.map_or(0, |flight| {
            let stage = match flight.stage {
                Stage::Ready => 4,
                Stage::Asking => 3,
                Stage::Pausing | Stage::Waiting(..) => 2,
                Stage::Operating => 1,
            };
            1_000 * u32::from(flight.fuel) + stage
        });
        let call = self.call.as_ref().map_or(0, |call| {
            4 * u32::from(MOST_CALLS + 10 - call.calls) - u32::from(call.answer.is_some())
        });
        let delivers = self
            .call
            .as_ref()
            .is_some_and(|call| call.purpose == Purpose::Idle);
        let pending = match self.holder.is_pending() && !delivers {
            true => 400,
            false => 0,
        };
        flight + call + pending
    }
}

impl Flight {
    pub(super) const fn new(refused: Option<u8>) -> Self {
        Self {
            stage: Stage::Operating,
            refused,
            fuel: FUEL,
            token: None,
            claim: Id(0),
            overtaken: Overtaken::No,
        }
    }

    /// Whether another operation can begin, and one more after it.
    pub(super) const fn goes_on(&self) -> bool {
        self.fuel > RESERVE
    }
}

impl Heard {
    pub(super) fn of(record: Option<&Record<Token>>) -> Self {
        Self {
            position: record.map_or_else(Position::default, |it| it.position),
            token: record.and_then(|it| it.token),
            dead: record.is_some_and(|it| it.dead),
        }
    }
}

/// Whether the use of the refresh token allows another send.
pub(super) fn may_be_sent(sent: Sent, now: Duration) -> bool {
    match sent.token_use {
        TokenUse::Reusable => true,
        TokenUse::SingleUse => sent.sends < 1,
        TokenUse::Learn => sent.reusable || sent.sends < 2,
        TokenUse::Grace(grace) => {
            let within = |first: Duration| now.saturating_sub(first) < grace;
            sent.reusable
                || sent.sends < 1
                || (sent.sends < 2 && sent.not_before.is_some_and(within))
        }
    }
}
