//! The story of a broken promise, in words.

use super::process::{Ask, Call, Process, Purpose, Stage};
use super::server::Token;
use super::setup::Guard;
use super::step::{HolderStep, Reply, Served};
use super::world::HolderWorld;
use crate::machine::holder::Record;

impl HolderWorld {
    /// The description of a step that is about to be taken, with what its holder does next.
    #[must_use]
    pub fn describe(&self, step: HolderStep) -> String {
        let mut after = self.clone();
        let taken = after.take(step);
        let happens = self.happens(step);
        let Some(number) = holder_of(step).filter(|_| taken.is_ok()) else {
            return happens;
        };
        let process = |world: &Self| world.processes[usize::from(number)].clone();
        let (was, is) = (process(self), process(&after));
        let story = match is.as_deref().and_then(|is| next_of(is, was.as_deref())) {
            Some(next) => format!("{happens}; it {next}"),
            None => happens,
        };
        match self.setup.guard {
            Guard::Claim => story,
            Guard::Lease => story.replace("claim", "lease"),
        }
    }

    fn happens(&self, step: HolderStep) -> String {
        match step {
            HolderStep::Fly(number) => format!("{}'s access token is refused", name(number)),
            HolderStep::Store(number, served) => self.served(number, served),
            HolderStep::Hear(number) => format!("the store's answer reaches {}", name(number)),
            HolderStep::Look(number) => format!("{}'s pause is over", name(number)),
            HolderStep::Send(number) => format!("{} is about to send", name(number)),
            HolderStep::Answer(number, reply) => {
                let who = name(number);
                let token = token_of(self, number)
                    .map(refresh_token)
                    .unwrap_or_default();
                match reply {
                    Reply::Honest => {
                        let mut server = self.server.clone();
                        let granted =
                            token_of(self, number).and_then(|token| server.trade(token, self.now));
                        match granted {
                            Some((new, _)) => {
                                let new = refresh_token(new);
                                format!("{token} of {who} reaches the server, which gives {new}")
                            }
                            None => format!(
                                "{token} of {who} reaches the server, which knows that it was \
                                 used before, and revokes the whole sign-in"
                            ),
                        }
                    }
                    Reply::Lost => {
                        format!("the server processes {token} of {who}; its answer is lost")
                    }
                    Reply::Broken => format!("the call of {who} with {token} is lost"),
                    Reply::Busy => {
                        format!("the server says to {who} that it did not process {token}")
                    }
                    Reply::Misconfigured => {
                        format!("the server says to {who} that its client is at fault")
                    }
                    Reply::Revoked => {
                        format!("the server has revoked {token}, and says so to {who}")
                    }
                }
            }
            HolderStep::Deliver(number) => format!("{} writes what is pending", name(number)),
            HolderStep::SignIn(number) => format!("a user signs in at {}", name(number)),
            HolderStep::SignOut(number) => format!("the user signs out at {}", name(number)),
            HolderStep::Crash(number) => format!("{} crashes", name(number)),
            HolderStep::CrashProcessed(number) => {
                format!(
                    "the server processes the call of {}, which crashes",
                    name(number)
                )
            }
            HolderStep::Reopen(number) => {
                format!("{} starts again, and reads the record", name(number))
            }
            HolderStep::Land(number) => {
                let late = self.store.late.get(usize::from(number));
                let what = late.map(|late| content(&late.record)).unwrap_or_default();
                format!("a save that was given up is done after all: {what}")
            }
            HolderStep::Restore => "the store is restored from a backup".to_owned(),
            HolderStep::Expire => "all access tokens expire".to_owned(),
            HolderStep::Tick => "time passes: more than half of the limit".to_owned(),
            HolderStep::Gone(number) => {
                format!(
                    "the store tells {} that the claim's holder is gone",
                    name(number)
                )
            }
            HolderStep::Skew(number) => format!("the wall clock of {} jumps ahead", name(number)),
        }
    }

    fn served(&self, number: u8, served: Served) -> String {
        let who = name(number);
        let process = self.processes[usize::from(number)].as_ref();
        let Some(Call { ask, .. }) = process.and_then(|process| process.call.as_ref()) else {
            return who;
        };
        match (ask, served) {
            (Ask::Load, Served::Done) => format!("{who} reads: {}", content(&self.store.record)),
            (Ask::Load, Served::Stale) => {
                let before = self.store.before.as_ref().map(content).unwrap_or_default();
                format!("{who} reads what was there before: {before}")
            }
            (Ask::Load, Served::Slow) => format!("the store reads for {who}; its answer is slow"),
            (Ask::Load, _) => format!("the store is down for {who}, which reads nothing"),
            (Ask::Save(expected, record), served) => {
                let what = content(record);
                let conflict = !self.store.is_there(*expected);
                match served {
                    Served::Done | Served::Stale if conflict => format!(
                        "{who} cannot save, because the record has changed: {}",
                        content(&self.store.record)
                    ),
                    Served::Done | Served::Stale => format!("{who} saves: {what}"),
                    Served::Slow => {
                        format!("the store saves for {who}: {what}; its answer is slow")
                    }
                    Served::Unheard => format!("{who} saves: {what}; the answer is lost"),
                    Served::Later => {
                        format!("{who} gives up a save that may be done later: {what}")
                    }
                    Served::Down => {
                        format!("the store is down for {who}, which cannot save: {what}")
                    }
                }
            }
        }
    }
}

/// What a holder does next.
fn next_of(is: &Process, was: Option<&Process>) -> Option<String> {
    if let Some(call) = is.call.as_ref().filter(|call| call.answer.is_none()) {
        return Some(match &call.ask {
            Ask::Load if call.purpose == Purpose::Idle => "looks before it writes".to_owned(),
            Ask::Load => "looks at the record".to_owned(),
            Ask::Save(_, record) if record.claim.is_some() => "asks to save a claim".to_owned(),
            Ask::Save(..) => "asks to save".to_owned(),
        });
    }
    let flight = was.and_then(|was| was.flight);
    match is.flight {
        Some(now) if Some(now.stage) == flight.map(|flight| flight.stage) => None,
        Some(now) => match now.stage {
            Stage::Waiting(..) => Some("waits for the claim of another".to_owned()),
            Stage::Pausing => Some("pauses, to look again".to_owned()),
            Stage::Ready => Some("may send now".to_owned()),
            Stage::Asking => Some(format!(
                "sends {}",
                now.token
                    .map_or_else(String::new, |(token, _)| refresh_token(token))
            )),
            Stage::Operating => None,
        },
        None if flight.is_some() => Some(match (is.uses, was.and_then(|was| was.uses)) {
            (Some(token), before) if Some(token) != before => {
                format!("uses {}, and its flight ends", access_token(token))
            }
            _ => "ends its flight without a new token".to_owned(),
        }),
        None => None,
    }
}

fn token_of(world: &HolderWorld, number: u8) -> Option<Token> {
    let process = world.processes[usize::from(number)].as_ref()?;
    process.flight?.token.map(|(token, _)| token)
}

const fn holder_of(step: HolderStep) -> Option<u8> {
    match step {
        HolderStep::Fly(number)
        | HolderStep::Store(number, _)
        | HolderStep::Hear(number)
        | HolderStep::Look(number)
        | HolderStep::Send(number)
        | HolderStep::Answer(number, _)
        | HolderStep::Deliver(number) => Some(number),
        HolderStep::SignIn(_)
        | HolderStep::SignOut(_)
        | HolderStep::Crash(_)
        | HolderStep::CrashProcessed(_)
        | HolderStep::Reopen(_)
        | HolderStep::Land(_)
        | HolderStep::Restore
        | HolderStep::Expire
        | HolderStep::Tick
        | HolderStep::Gone(_)
        | HolderStep::Skew(_) => None,
    }
}

fn name(number: u8) -> String {
    char::from(b'A' + number).to_string()
}

fn refresh_token(token: Token) -> String {
    format!("refresh token {}.{}", token.sign_in + 1, token.refresh + 1)
}

fn access_token(token: Token) -> String {
    format!("access token {}.{}", token.sign_in + 1, token.access)
}

fn content(record: &Record<Token>) -> String {
    let token = match record.token {
        Some(token) => refresh_token(token),
        None => "signed out".to_owned(),
    };
    let claim = match &record.claim {
        Some(claim) if claim.in_doubt => ", a claim in doubt",
        Some(_) => ", a claim",
        None => ", no claim",
    };
    let dead = if record.dead { ", refused" } else { "" };
    let (epoch, seq) = (record.position.epoch, record.position.seq);
    format!(
        "{token}{claim}{dead} (epoch {epoch}, seq {seq}, sends {})",
        record.sends
    )
}
