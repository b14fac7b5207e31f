//! Calls under way: of requests, to the token server, and of the store.
//!
//! A call is asked, arrives at its server, which acts, and is answered. Between these moments
//! everything else can happen. A call whose future is dropped is given up: it may arrive late.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Method, StatusCode};
use reauth::store::{Record, Stored, Version};
use reauth::{Body, Failure};

use crate::ledger::{Fenced, Said};
use crate::servers::Pair;
use crate::stored::Read;
use crate::world::{Holder, State, World};

/// A call, known by its number.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: u32,
    pub(crate) holder: Holder,
    pub(crate) asked: Asked,
    pub(crate) stage: Stage,
    /// How often the session had been signed in or out when it was made.
    pub(crate) fences: u32,
    /// The last time, and as whom.
    pub(crate) fence: Option<Fenced>,
    /// Nothing happens to it for a while.
    pub(crate) held: bool,
    /// The refresh token that reached the token server, and what that answers.
    pub(crate) refresh: Option<u32>,
    pub(crate) granted: Option<Pair>,
    pub(crate) said: Said,
    waker: Option<Waker>,
}

#[derive(Debug)]
pub(crate) enum Stage {
    Asked,
    /// The server has acted; the answer is on its way.
    Acted(Answer),
    /// No answer comes.
    Silent,
    Answered(Answer),
    /// The caller has given it up before it arrived.
    GivenUp,
}

/// What is asked.
#[derive(Debug)]
pub(crate) enum Asked {
    Attempt(Attempt),
    TokenCall {
        body: Body,
    },
    Revocation {
        refresh: Option<u32>,
    },
    /// The rest of a body, which comes after the head.
    Rest(Rest),
    Load,
    Save {
        expected: Option<Version>,
        record: Box<Record>,
    },
}

#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) request: usize,
    pub(crate) place: Place,
    pub(crate) access: Option<u32>,
    pub(crate) method: Method,
    pub(crate) body: Body,
    /// Which attempt at its hop it is, from 1.
    pub(crate) number: u8,
}

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// 0 and 1 are origins of the session, 2 is not.
    pub(crate) origin: u8,
    pub(crate) path: u8,
}

/// How a body ends that comes after its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    Arrives,
    BreaksOff,
}

/// What comes back.
#[derive(Debug)]
pub(crate) enum Answer {
    Response(Head),
    Failed(Failure),
    Rest(Rest),
    Loaded(Option<Stored>, Option<Read>),
    Kept(Version),
    Conflict(Option<Stored>, Option<Read>),
    /// The store says that it failed.
    StoreFailed,
    /// None.
    Silence,
    /// The code that waits for the answer panics.
    Panic,
}

/// The head of a response, with its body.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    /// If the body comes after the head.
    pub(crate) rest: Option<Rest>,
}

/// Waits for the answer to a call. The call is made when it is first polled.
#[derive(Debug)]
pub(crate) struct Answered {
    world: Arc<World>,
    holder: Holder,
    asked: Option<Asked>,
    id: Option<u32>,
}

impl Answered {
    pub(crate) const fn new(world: Arc<World>, holder: Holder, asked: Asked) -> Self {
        Self {
            world,
            holder,
            asked: Some(asked),
            id: None,
        }
    }
}

impl Future for Answered {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        let this = &mut *self;
        let mut state = this.world.lock();
        if let Some(asked) = this.asked.take() {
            this.id = Some(state.ask(this.holder, asked, context.waker()));
            return Poll::Pending;
        }
        let id = this.id.expect("the call was made");
        match state.take(id, context.waker()) {
            Some(call) => {
                this.id = None;
                drop(state);
                let Stage::Answered(answer) = call.stage else {
                    unreachable!("only an answered call is taken");
                };
                Poll::Ready(answer)
            }
            None => Poll::Pending,
        }
    }
}

impl Drop for Answered {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            let call = self.world.lock().give_up(id);
            // Outside the lock: it may have a body.
            drop(call);
        }
    }
}

impl State {
    fn ask(&mut self, holder: Holder, asked: Asked, waker: &Waker) -> u32 {
        self.last_call += 1;
        let id = self.last_call;
        self.asked(holder, &asked);
        let holding = self.ledger.holding_of(holder.process);
        let (fences, fence) = (holding.fences, holding.fenced);
        self.calls.push(Call {
            id,
            fences,
            fence,
            holder,
            asked,
            stage: Stage::Asked,
            held: false,
            refresh: None,
            granted: None,
            said: Said::Nothing,
            waker: Some(waker.clone()),
        });
        id
    }

    /// Takes the call if it is answered.
    fn take(&mut self, id: u32, waker: &Waker) -> Option<Call> {
        let place = self.calls.iter().position(|call| call.id == id)?;
        let call = &mut self.calls[place];
        if !matches!(call.stage, Stage::Answered(_)) {
            call.waker = Some(waker.clone());
            return None;
        }
        let call = self.calls.remove(place);
        self.taken(&call);
        Some(call)
    }

    /// The caller no longer waits. Returns what is to be dropped.
    fn give_up(&mut self, id: u32) -> Option<Call> {
        let place = self.calls.iter().position(|call| call.id == id)?;
        let call = &mut self.calls[place];
        call.waker = None;
        match call.stage {
            Stage::Asked if call.asked.may_arrive_late() => {
                call.stage = Stage::GivenUp;
                None
            }
            Stage::Asked
            | Stage::Acted(_)
            | Stage::Silent
            | Stage::Answered(_)
            | Stage::GivenUp => {
                let call = self.calls.remove(place);
                self.lost(&call);
                Some(call)
            }
        }
    }

    /// The answer reaches the caller, who takes it when it is polled next.
    pub(crate) fn deliver(&mut self, id: u32) {
        let Some(call) = self.calls.iter_mut().find(|call| call.id == id) else {
            return;
        };
        let Stage::Acted(answer) = std::mem::replace(&mut call.stage, Stage::Silent) else {
            unreachable!("the server has acted");
        };
        call.stage = Stage::Answered(answer);
        if let Some(waker) = call.waker.take() {
            waker.wake();
        }
    }
}

impl Asked {
    /// Whether it matters if it arrives when nobody waits for it any more.
    const fn may_arrive_late(&self) -> bool {
        match self {
            Self::TokenCall { .. } | Self::Save { .. } => true,
            Self::Attempt(_) | Self::Revocation { .. } | Self::Rest(_) | Self::Load => false,
        }
    }

    /// What it is, in words.
    pub(crate) const fn what(&self) -> &'static str {
        match self {
            Self::Attempt(_) => "an attempt",
            Self::TokenCall { .. } => "a token call",
            Self::Revocation { .. } => "a revocation",
            Self::Rest(_) => "the rest of a body",
            Self::Load => "a load",
            Self::Save { .. } => "a save",
        }
    }
}
