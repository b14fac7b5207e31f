//! What reached the servers and what the sessions were told, compared with the promises.
//!
//! It knows the promises and no rule: it never asks a session what it did or what it knows.

mod promise;
mod requests;
mod sessions;
mod tokens;

use bytes::Bytes;
use reauth::store::ClaimId;
use reauth::{Generation, Reason, TokenUse};

use crate::calls::Place;
use crate::servers::Pair;
use crate::setup::Setup;
use crate::world::Holder;

pub use promise::{Promise, Violation};

/// A lifetime is counted from before the refresh that brought the token, in milliseconds.
const LONGEST_REFRESH: u64 = 30_000;

/// How long after it was asked for a sign-in or sign-out is not late, in milliseconds.
const PATIENCE: u64 = 6_000;

#[derive(Debug)]
pub(crate) struct Ledger {
    token_use: TokenUse,
    holdings: Vec<Holding>,
    pub(crate) requests: Vec<Request>,
    /// Counts what happens, to tell before from after.
    pub(crate) moment: u64,
    refusals: Vec<Refusal>,
    /// By any process.
    sends: Vec<Sends>,
    claims: Vec<Claimed>,
    /// The sign-ins that were stored, and the moment.
    stored: Vec<(usize, u64)>,
    /// When the last sign-in or sign-out was stored, and whose it was.
    last_fence: Option<(Holder, u64)>,
}

/// A request that a session executes.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) holder: Holder,
    begun: u64,
    pub(crate) hop: u8,
    redirected: bool,
    attempts: u8,
    replayed: bool,
    /// As whom it began.
    pub(crate) sign_in: Option<usize>,
    place: Place,
    pub(crate) sent: Sent,
    pub(crate) ended: Option<Option<Reason>>,
    pub(crate) served: bool,
}

/// The body of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Nothing,
    Bytes,
    Factory,
    Once,
}

/// A token was refused; what that means depends on how the request ends.
#[derive(Debug)]
struct Refusal {
    request: usize,
    access: u32,
    place: Place,
}

/// What a process was told since it started.
#[derive(Debug, Default)]
pub(crate) struct Holding {
    pub(crate) opening: bool,
    pub(crate) sign_in: Option<usize>,
    /// The last sign-in or sign-out here.
    pub(crate) fenced: Option<Fenced>,
    /// The number of the last sign-in or sign-out that it has read in the store.
    read_fence: u32,
    /// Another sign-in or sign-out that it has read, and may follow.
    elsewhere: Option<Option<Pair>>,
    pub(crate) newest: Option<Pair>,
    /// The refresh tokens that it traded for newer ones.
    traded: Vec<u32>,
    refused: Vec<(u32, Place, u64)>,
    ever_refused: Vec<u32>,
    /// Access tokens that the token server gave once more.
    granted_again: Vec<u32>,
    /// Access tokens, and when they expire by the monotonic clock at the latest.
    expiries: Vec<(u32, u64)>,
    events: u64,
    generation: Option<Generation>,
    pub(crate) fences: u32,
    /// The sign-in that it said is over.
    pub(crate) ended: Option<usize>,
    fences_told: u32,
    replays: u32,
    replays_told: u32,
    /// The application asked for a refresh.
    pub(crate) forced: bool,
}

/// How often a refresh token was sent.
#[derive(Debug)]
struct Sends {
    refresh: u32,
    times: u32,
    first: u64,
    unknown: u32,
    kept: bool,
}

/// A sign-in or sign-out of a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fenced {
    pub(crate) at: u64,
    pub(crate) sign_in: Option<usize>,
}

/// A claim that was stored.
#[derive(Debug)]
struct Claimed {
    id: ClaimId,
    holder: Holder,
    refresh: u32,
    at: u64,
    /// As `at`, on the monotonic clock of its holder.
    written: u64,
    /// How often it was sent under.
    sends: u32,
    open: bool,
}

/// What the answer to a token call says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It did not reach the server.
    Nothing,
    Granted,
    NotProcessed,
    Refused,
    Unknown,
}

impl Sent {
    pub(crate) fn bytes(self, request: usize) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::Bytes | Self::Factory | Self::Once => format!("the body of {request}").into(),
        }
    }
}

impl Ledger {
    pub(crate) fn new(setup: Setup) -> Self {
        let mut holdings = Vec::new();
        holdings.resize_with(setup.processes.into(), Holding::default);
        Self {
            token_use: setup.token_use,
            holdings,
            requests: Vec::new(),
            moment: 0,
            refusals: Vec::new(),
            sends: Vec::new(),
            claims: Vec::new(),
            stored: Vec::new(),
            last_fence: None,
        }
    }

    fn sends(&mut self, refresh: u32) -> &mut Sends {
        let place = self.sends.iter().position(|sends| sends.refresh == refresh);
        let place = place.unwrap_or_else(|| {
            self.sends.push(Sends {
                refresh,
                times: 0,
                first: 0,
                unknown: 0,
                kept: false,
            });
            self.sends.len() - 1
        });
        &mut self.sends[place]
    }

    pub(crate) fn holding_of(&self, process: u8) -> &Holding {
        &self.holdings[usize::from(process)]
    }

    pub(crate) fn holding(&mut self, process: u8) -> &mut Holding {
        &mut self.holdings[usize::from(process)]
    }
}

impl Holding {
    /// A process starts: it knows nothing.
    pub(crate) fn start(&mut self) {
        *self = Self {
            opening: true,
            ..Self::default()
        };
    }

    /// The session is signed in with this token.
    pub(crate) fn signed_in(&mut self, sign_in: Option<usize>, pair: Pair) {
        self.sign_in = sign_in;
        self.newest = Some(pair);
        self.elsewhere = None;
    }

    fn hears_of(&mut self, pair: Pair) {
        self.newest = self.newest.max(Some(pair));
    }
}

pub(crate) fn shown(pair: Option<Pair>) -> String {
    pair.map_or_else(|| "nothing".to_owned(), |pair| pair.to_string())
}
