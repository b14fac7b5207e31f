//! What reached the servers and what the sessions were told, compared with the promises.
//!
//! It knows the promises and no rule: it never asks a session what it did or what it knows.

use std::fmt;

use bytes::Bytes;
use reauth::{Event, EventKind, Generation, Reason, TokenUse};

use crate::calls::{Answer, Asked, Call, Place, Stage};
use crate::servers::Pair;
use crate::setup::Setup;
use crate::situations::Situation;
use crate::world::{Holder, State};

/// A lifetime is counted from before the refresh that brought the token, in milliseconds.
const LONGEST_REFRESH: u64 = 30_000;

/// A broken promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which one.
    pub promise: Promise,
    why: String,
}

/// The promises that a run can break, by their numbers in the list of guarantees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Promise {
    /// Two attempts and one refresh for each request.
    P1,
    /// One refresh at a time.
    P2,
    /// No replay under another identity.
    P3,
    /// A new request carries no token that is known to be refused or expired.
    P5,
    /// Every future ends.
    P7,
    /// Nothing panics or runs for ever.
    P8,
    /// A refresh token is sent as often as its use allows.
    P9,
    /// The newest token is in the store.
    P10,
    /// A session that was not told to sign in again is served.
    P11,
    /// The last word in the store is that of the last sign-in or sign-out.
    P13,
    /// A refused answer that is returned says why.
    P14,
    /// A replayed body is the same.
    P16,
    /// The token goes to the session's origins only.
    P17,
    /// One credential header.
    P18,
    /// Events come once, and in order.
    Events,
}

impl Violation {
    pub(crate) const fn new(promise: Promise, why: String) -> Self {
        Self { promise, why }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.promise {
            Promise::Events => f.write_str("events: ")?,
            promise => write!(f, "promise {}: ", &format!("{promise:?}")[1..])?,
        }
        f.write_str(&self.why)
    }
}

#[derive(Debug)]
pub(crate) struct Ledger {
    token_use: TokenUse,
    holdings: Vec<Holding>,
    pub(crate) requests: Vec<Request>,
    /// Counts what happens, to tell before from after.
    pub(crate) moment: u64,
    refusals: Vec<Refusal>,
}

/// A request that a session executes.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) holder: Holder,
    begun: u64,
    pub(crate) hop: u8,
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
    start: u16,
    pub(crate) opening: bool,
    pub(crate) sign_in: Option<usize>,
    /// It read a token of another sign-in, which somebody else stored.
    foreign: bool,
    pub(crate) newest: Option<Pair>,
    sends: Vec<Sends>,
    refused: Vec<(u32, Place, u64)>,
    ever_refused: Vec<u32>,
    /// Access tokens, and when they expire by the monotonic clock at the latest.
    expiries: Vec<(u32, u64)>,
    events: u64,
    generation: Option<Generation>,
    fences: u32,
    fences_told: u32,
    replays: u32,
    replays_told: u32,
    pub(crate) told_to_sign_in: bool,
}

/// How often a refresh token was sent.
#[derive(Debug)]
struct Sends {
    refresh: u32,
    times: u32,
    first: u64,
    unknown: u32,
    kept: bool,
    traded: bool,
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
        }
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
    pub(crate) fn start(&mut self, start: u16) {
        *self = Self {
            start,
            opening: true,
            ..Self::default()
        };
    }

    /// The session is signed in with this token.
    pub(crate) fn signed_in(&mut self, sign_in: Option<usize>, pair: Pair) {
        self.sign_in = sign_in;
        self.newest = Some(pair);
        self.foreign = false;
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
                traded: false,
            });
            self.sends.len() - 1
        });
        &mut self.sends[place]
    }

    fn hears_of(&mut self, pair: Pair) {
        self.newest = self.newest.max(Some(pair));
    }
}

impl State {
    /// A request begins.
    pub(crate) fn begin_request(&mut self, holder: Holder, place: Place, sent: Sent) -> usize {
        let begun = self.ledger.moment;
        self.ledger.requests.push(Request {
            holder,
            begun,
            hop: 0,
            attempts: 0,
            replayed: false,
            sign_in: None,
            place,
            sent,
            ended: None,
            served: false,
        });
        self.ledger.requests.len() - 1
    }

    /// The request is sent now, for the first time.
    pub(crate) fn request_is_polled(&mut self, request: usize) {
        let under = self.signed_in_as(self.ledger.requests[request].holder);
        let log = &mut self.ledger.requests[request];
        log.begun = self.ledger.moment;
        log.sign_in = under;
    }

    /// A session sends an attempt. Returns its number within its hop.
    pub(crate) fn attempt(
        &mut self,
        holder: Holder,
        request: usize,
        place: Place,
        access: Option<u32>,
    ) -> u8 {
        let process = holder.process;
        let now = self.monotonic(process);
        let log = &mut self.ledger.requests[request];
        if log.place != place {
            log.place = place;
            log.hop += 1;
            log.attempts = 0;
        }
        log.attempts += 1;
        let (attempts, hop) = (log.attempts, log.hop);
        let twice = log.replayed;
        log.replayed |= attempts > 1;
        if attempts > 2 || (attempts == 2 && twice) {
            self.broken(Promise::P1, || {
                format!("request {request} is sent too often")
            });
        }
        if place.origin > 1 {
            if access.is_some() {
                self.broken(Promise::P17, || {
                    format!("request {request} takes the token elsewhere")
                });
            }
            return attempts;
        }
        let Some(access) = access else {
            self.broken(Promise::P18, || {
                format!("request {request} is sent without a token")
            });
            return attempts;
        };
        let sign_in = self.servers.sign_in_of(access);
        self.tell(|| {
            format!("P{process}: request {request}, attempt {attempts}, with a{access} (sign-in {sign_in})")
        });
        let log = &mut self.ledger.requests[request];
        let begun = log.begun;
        let first = log.sign_in.replace(sign_in);
        if first.is_some_and(|first| first != sign_in) {
            self.broken(Promise::P3, || {
                format!("request {request} began under {first:?}")
            });
        }
        let holding = self.ledger.holding(process);
        if attempts > 1 {
            holding.replays += 1;
        }
        if holding.sign_in != Some(sign_in) && !holding.foreign {
            let held = holding.sign_in;
            self.broken(Promise::P13, || {
                format!(
                    "P{process} sends a token of sign-in {sign_in}, and is signed in as {held:?}"
                )
            });
        }
        let holding = self.ledger.holding(process);
        let expired = holding
            .expiries
            .iter()
            .any(|(known, end)| *known == access && now >= *end);
        let mut refused = holding.refused.iter();
        let refused =
            refused.any(|(known, at, moment)| (*known, *at) == (access, place) && *moment < begun);
        if hop == 0 && expired {
            self.broken(Promise::P5, || {
                format!("request {request} is sent with a{access}, which has expired")
            });
        }
        if hop == 0 && attempts == 1 && refused {
            self.broken(Promise::P5, || {
                format!("request {request} is sent with a{access}, which was refused there before it began")
            });
        }
        if attempts > 1 {
            self.met(Situation::Replayed);
        }
        attempts
    }

    /// As whom a session is signed in.
    pub(crate) fn signed_in_as(&self, holder: Holder) -> Option<usize> {
        self.ledger.holding_of(holder.process).sign_in
    }

    /// Whether a session may say that it has ended.
    pub(crate) fn may_end(&self, sign_in: Option<usize>) -> bool {
        sign_in.is_none_or(|sign_in| self.servers.sign_ins[sign_in].excuse.is_some())
    }

    pub(crate) fn two_credentials(&mut self, request: usize) {
        self.broken(Promise::P18, || {
            format!("request {request} carries two credentials")
        });
    }

    /// A session begins with this token in hand.
    pub(crate) fn begins_with(&mut self, holder: Holder, pair: Pair) {
        let sign_in = self.servers.sign_in_of_pair(pair);
        self.ledger.holding(holder.process).signed_in(sign_in, pair);
    }

    /// A session is given a token that was issued now.
    pub(crate) fn is_given(&mut self, holder: Holder, pair: Pair) {
        let now = self.monotonic(holder.process);
        if let (Some(access), Some(lifetime)) = (pair.access, self.setup.lifetime) {
            let end = now + lifetime.as_millis() as u64;
            self.ledger
                .holding(holder.process)
                .expiries
                .push((access, end));
        }
    }

    /// A process dies.
    pub(crate) fn dies(&mut self, process: u8) {
        self.met(Situation::Crashed);
        let here = |call: &&Call| call.holder.process == process;
        let calls: Vec<_> = self
            .calls
            .iter()
            .filter(here)
            .map(|call| call.asked.what())
            .collect();
        if calls.contains(&"a save") {
            self.met(Situation::CrashedWhileSaving);
        }
        if calls.contains(&"a token call") {
            self.met(Situation::CrashedWhileRefreshing);
        }
        let stored = self.store.pair();
        let holding = self.ledger.holding_of(process);
        let (newest, own) = (holding.newest, holding.sign_in);
        if stored == newest {
            return;
        }
        // The store may have an earlier sign-in, whose refresh token was used since.
        let stored = stored.and_then(|pair| self.servers.sign_in_of_pair(pair));
        for sign_in in [own, stored].into_iter().flatten() {
            self.servers.excuse(
                sign_in,
                "its process died before the newest token was stored",
            );
        }
    }

    /// Whether a call of a dead process is a sign-in, a sign-out or a refresh.
    pub(crate) fn is_a_fence(&self, call: &Call) -> bool {
        match &call.asked {
            Asked::Save { token, .. } => {
                let sign_in = self.servers.sign_in_of_pair(Pair::of(token));
                let stored = self
                    .store
                    .pair()
                    .and_then(|pair| self.servers.sign_in_of_pair(pair));
                sign_in != stored
            }
            Asked::Erase { .. } | Asked::TokenCall { .. } => true,
            Asked::Attempt(_) | Asked::Revocation { .. } | Asked::Rest(_) | Asked::Load => false,
        }
    }

    /// The application was handed this access token.
    pub(crate) fn handed_out(&mut self, holder: Holder, access: u32) {
        let now = self.monotonic(holder.process);
        let holding = self.ledger.holding(holder.process);
        if holding
            .expiries
            .iter()
            .any(|(known, end)| *known == access && now >= *end)
        {
            self.broken(Promise::P5, || {
                format!("a{access} is handed out, which has expired")
            });
        }
    }

    /// A session makes a call.
    pub(crate) fn asked(&mut self, holder: Holder, asked: &Asked) {
        let process = holder.process;
        match asked {
            Asked::Load => self.tell(|| format!("P{process}: store call load")),
            Asked::Save { expected, token } => self.tell(|| {
                let (pair, expected) = (Pair::of(token), expected.map(|version| version.0));
                format!("P{process}: store call save_if(expected {expected:?}, {pair})")
            }),
            Asked::Erase { expected } => {
                self.tell(|| format!("P{process}: store call erase_if(v{})", expected.0));
            }
            Asked::TokenCall { .. } => {
                self.tell(|| format!("P{process}: calls the token server"));
                let live = |call: &&Call| {
                    call.holder == holder
                        && matches!(call.asked, Asked::TokenCall { .. })
                        && !matches!(call.stage, Stage::GivenUp)
                };
                let live = self.calls.iter().filter(live).count() as u32;
                let fences = self.ledger.holding(process).fences;
                if live > fences {
                    self.broken(Promise::P2, || {
                        format!("P{process} has two refreshes in flight")
                    });
                }
            }
            Asked::Revocation { .. } => self.tell(|| format!("P{process}: revokes its token")),
            Asked::Attempt(_) | Asked::Rest(_) => {}
        }
    }

    /// A refresh token reaches the token server.
    pub(crate) fn sent(&mut self, holder: Holder, refresh: u32) {
        let process = holder.process;
        self.tell(|| format!("P{process}: sends refresh token r{refresh}"));
        if !self.runs(holder) {
            return;
        }
        let now = self.monotonic(process);
        let latest = self.at_the_latest(process);
        let token_use = self.ledger.token_use;
        let sign_in = self.servers.sign_in_of_refresh(refresh);
        let holding = self.ledger.holding_of(process);
        let newest = holding.newest.and_then(|pair| pair.access);
        let newest = newest.filter(|_| holding.sign_in == Some(sign_in));
        let nothing_to_lose = newest.is_none_or(|access| {
            holding.ever_refused.contains(&access)
                || self.servers.has_expired(access, latest + LONGEST_REFRESH)
        });
        let holding = self.ledger.holding(process);
        let sends = holding.sends(refresh);
        if sends.times == 0 {
            sends.first = now;
        }
        sends.times += 1;
        let (times, first, kept, traded) = (sends.times, sends.first, sends.kept, sends.traded);
        if traded {
            self.broken(Promise::P9, || {
                format!("P{process} sends r{refresh}, which it traded for a newer one")
            });
        }
        let allowed = match token_use {
            TokenUse::Reusable => true,
            TokenUse::Learn => kept || times <= 2,
            TokenUse::Grace(grace) => times == 1 || now - first < grace.as_millis() as u64,
            _ => times == 1,
        };
        if !allowed {
            self.broken(Promise::P9, || {
                format!("P{process} sends r{refresh} for the {times}th time")
            });
        }
        if times == 2 {
            self.met(Situation::SentTwice);
        }
        if token_use == TokenUse::Learn && times == 2 && !kept && !nothing_to_lose {
            self.broken(Promise::P9, || {
                format!(
                    "P{process} sends r{refresh} again, and its access token may still be accepted"
                )
            });
        }
    }

    /// The token server saw a refresh token twice.
    pub(crate) fn reused(&mut self, holder: Holder, refresh: u32) {
        let sign_in = self.servers.sign_in_of_refresh(refresh);
        self.tell(|| format!("  token server: reuse of r{refresh}: sign-in {sign_in} is revoked"));
        if self.servers.sign_ins[sign_in].excuse.is_none() {
            let process = holder.process;
            self.broken(Promise::P9, || {
                format!("P{process} loses its session: r{refresh} was spent")
            });
        }
    }

    /// An answer reaches its session.
    pub(crate) fn taken(&mut self, call: &Call) {
        let Stage::Answered(answer) = &call.stage else {
            return;
        };
        let holder = call.holder;
        match (&call.asked, answer) {
            (Asked::TokenCall { .. }, _) => self.token_answer_taken(call),
            (Asked::Load, Answer::Loaded(stored)) => {
                let pair = stored.as_ref().map(|stored| Pair::of(&stored.token));
                self.loaded(holder, pair);
            }
            (Asked::Attempt(attempt), Answer::Response(head)) => {
                let Some(access) = attempt.access else { return };
                let refusal = Refusal {
                    request: attempt.request,
                    access,
                    place: attempt.place,
                };
                if head.status.as_u16() == 401 {
                    self.ledger
                        .holding(holder.process)
                        .ever_refused
                        .push(access);
                    self.ledger.refusals.push(refusal);
                } else if head.status.is_success() {
                    let holding = self.ledger.holding(holder.process);
                    let here = |(known, at, _): &(u32, Place, u64)| {
                        (*known, *at) == (access, attempt.place)
                    };
                    holding.refused.retain(|refused| !here(refused));
                }
            }
            _ => {}
        }
    }

    fn token_answer_taken(&mut self, call: &Call) {
        let process = call.holder.process;
        let Some(refresh) = call.refresh else { return };
        let now = self.monotonic(process);
        let lifetime = self
            .setup
            .lifetime
            .map(|lifetime| lifetime.as_millis() as u64);
        self.tell(|| {
            format!(
                "P{process}: what it knows of its call with r{refresh}: {:?}",
                call.said
            )
        });
        let granted = call.granted.filter(|_| call.said == Said::Granted);
        let sign_in = self.servers.sign_in_of_refresh(refresh);
        let holding = self.ledger.holding(process);
        let sends = holding.sends(refresh);
        match call.said {
            Said::Granted => {
                if granted.is_some_and(|pair| pair.refresh == Some(refresh)) {
                    sends.kept = true;
                    sends.times = 0;
                    sends.unknown = 0;
                }
                sends.traded |= granted.is_some_and(|pair| pair.refresh != Some(refresh));
            }
            Said::NotProcessed => sends.times = sends.times.saturating_sub(1),
            Said::Unknown => {
                sends.unknown += 1;
                let unknown = sends.unknown;
                self.unknown(refresh, unknown);
            }
            Said::Refused | Said::Nothing => {}
        }
        let Some(pair) = granted else { return };
        let holding = self.ledger.holding(process);
        if holding.sign_in == Some(sign_in) {
            holding.hears_of(pair);
        }
        if let (Some(access), Some(lifetime)) = (pair.access, lifetime) {
            let known = holding
                .expiries
                .iter_mut()
                .find(|(known, _)| *known == access);
            match known {
                Some((_, end)) => *end = now + lifetime,
                None => holding.expiries.push((access, now + lifetime)),
            }
        }
        // The server may have no other: then it is tried again.
        holding
            .refused
            .retain(|(known, ..)| Some(*known) != pair.access);
    }

    fn loaded(&mut self, holder: Holder, pair: Option<Pair>) {
        let Some(pair) = pair else { return };
        let sign_in = self.servers.sign_in_of_pair(pair);
        let holding = self.ledger.holding(holder.process);
        if holding.opening {
            holding.signed_in(sign_in, pair);
        } else if holding.sign_in == sign_in {
            if holding.newest < Some(pair) {
                holding.hears_of(pair);
                self.met(Situation::NewerTokenRead);
            }
        } else {
            holding.foreign = true;
        }
    }

    /// The answer to a call was lost, because nobody waits for it any more.
    pub(crate) fn lost(&mut self, call: &Call) {
        let Some(refresh) = call.refresh else { return };
        if call.said == Said::Nothing {
            return;
        }
        if let Some(pair) = call.granted {
            self.granted_and_lost(refresh, pair);
        }
        if self.runs(call.holder) {
            let sends = self.ledger.holding(call.holder.process).sends(refresh);
            sends.unknown += 1;
            let unknown = sends.unknown;
            self.unknown(refresh, unknown);
            self.met(Situation::TokenCallGivenUp);
        }
    }

    /// A future was polled: what was refused is known now, unless the session has said why not.
    pub(crate) fn settle(&mut self) {
        self.ledger.moment += 1;
        for refusal in std::mem::take(&mut self.ledger.refusals) {
            let request = &self.ledger.requests[refusal.request];
            let forgotten = matches!(
                request.ended,
                Some(Some(
                    Reason::TokenTooFresh
                        | Reason::RefreshLimit
                        | Reason::RefusedAgain
                        | Reason::Superseded
                ))
            );
            if !forgotten {
                let moment = self.ledger.moment;
                let holding = self.ledger.holding(request.holder.process);
                holding
                    .refused
                    .push((refusal.access, refusal.place, moment));
            }
        }
    }

    /// A session is signed in with this token, or signed out.
    pub(crate) fn fence(&mut self, holder: Holder, pair: Option<Pair>) {
        let sign_in = pair.and_then(|pair| self.servers.sign_in_of_pair(pair));
        let holding = self.ledger.holding(holder.process);
        holding.sign_in = sign_in;
        holding.newest = pair;
        holding.foreign = false;
        holding.told_to_sign_in = false;
        holding.fences += 1;
    }

    /// A session reports an event.
    pub(crate) fn event(&mut self, holder: Holder, event: &Event) {
        let process = holder.process;
        let number = event.number;
        self.tell(|| format!("P{process}: event {number} {:?}", event.kind));
        if !self.runs(holder) {
            return;
        }
        let holding = self.ledger.holding(process);
        let expected = holding.events + 1;
        holding.events = number;
        let generation = match event.kind {
            EventKind::Refreshed { generation } => {
                self.situations.insert(Situation::Refreshed);
                Some(generation)
            }
            EventKind::SignedIn { generation } | EventKind::SignedOut { generation } => {
                holding.fences_told += 1;
                Some(generation)
            }
            EventKind::Replayed { .. } => {
                holding.replays_told += 1;
                None
            }
            EventKind::SaveFailed { .. } => {
                self.situations.insert(Situation::SaveFailed);
                None
            }
            _ => None,
        };
        let holding = self.ledger.holding(process);
        let before = holding.generation;
        holding.generation = generation.or(before);
        if number != expected {
            self.broken(Promise::Events, || {
                format!("P{process}: {number} comes after {}", expected - 1)
            });
        }
        if generation.is_some() && generation <= before {
            self.broken(Promise::Events, || {
                format!("P{process}: {generation:?} comes after {before:?}")
            });
        }
    }

    /// All is quiet: what happened was reported once.
    pub(crate) fn compare_events(&mut self, process: u8) {
        let holding = self.ledger.holding(process);
        let replays = (holding.replays, holding.replays_told);
        let fences = (holding.fences, holding.fences_told);
        if replays.0 != replays.1 || fences.0 != fences.1 {
            self.broken(Promise::Events, || {
                format!("P{process}: {replays:?} replays and {fences:?} sign-ins and sign-outs, made and reported")
            });
        }
    }

    /// All is quiet, and the store works: it has what the session has.
    pub(crate) fn compare_store(&mut self, process: u8) {
        let stored = self.store.pair();
        let holding = self.ledger.holding(process);
        match (holding.sign_in, holding.newest) {
            (Some(_), Some(pair)) if pair.access.is_some() => {
                let sign_in = holding.sign_in;
                let same =
                    stored.is_some_and(|stored| self.servers.sign_in_of_pair(stored) == sign_in);
                if !same || stored < Some(pair) {
                    self.broken(Promise::P10, || {
                        format!("P{process} has {pair}, and the store has {}", shown(stored))
                    });
                }
            }
            (None, None) if holding.fences > 0 && stored.is_some() => {
                self.broken(Promise::P13, || {
                    format!(
                        "P{process} is signed out, and the store has {}",
                        shown(stored)
                    )
                });
            }
            _ => {}
        }
    }
}

fn shown(pair: Option<Pair>) -> String {
    pair.map_or_else(|| "nothing".to_owned(), |pair| pair.to_string())
}
