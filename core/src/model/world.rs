//! Everything there is, and what can happen to it.

use std::hash::{Hash, Hasher};
use std::time::Duration;

use super::flight::{Flight, Landed, Stage};
use super::ledger::{Ledger, Promise, Tally, promise};
use super::request::{Ahead, Body, Place, Request};
use super::server::{Rotation, Server, Token};
use super::step::{Elsewhere, Kept, Reply, Said, Step, Time};
use crate::machine::{Books, Coordinator, Rules, Unexpected, Version, Word};

/// What does not change in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Setup {
    /// Whether the runtime has tasks.
    pub spawning: Spawning,
    /// Whether a refresh replaces the refresh token.
    pub rotation: Rotation,
    /// Whether access tokens expire by the clock.
    pub lifetime: Lifetime,
}

/// Whether the runtime has tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Spawning {
    /// It has.
    Tasks,
    /// It has not: requests drive flights.
    Nothing,
}

/// Whether access tokens expire by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lifetime {
    /// After ten seconds.
    Short,
    /// The server does not say.
    Unknown,
}

const LIFETIME: u32 = 10;

impl Setup {
    /// All there are.
    pub const ALL: [Self; 8] = {
        let mut all = [Self::nth(0); 8];
        let mut n = 0;
        while n < all.len() {
            all[n] = Self::nth(n);
            n += 1;
        }
        all
    };

    const fn nth(n: usize) -> Self {
        Self {
            spawning: if n & 1 == 0 {
                Spawning::Tasks
            } else {
                Spawning::Nothing
            },
            rotation: if n & 2 == 0 {
                Rotation::On
            } else {
                Rotation::Off
            },
            lifetime: if n & 4 == 0 {
                Lifetime::Unknown
            } else {
                Lifetime::Short
            },
        }
    }

    /// The setup that the first byte picks, and the other bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> (Self, &[u8]) {
        match bytes.split_first() {
            Some((first, rest)) => (Self::nth(usize::from(*first) % Self::ALL.len()), rest),
            None => (Self::nth(0), bytes),
        }
    }
}

/// How often each thing may still happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Budget {
    /// Requests with a body that can be sent again, and how many at a time.
    pub requests: u16,
    /// Requests with a body that can be sent once.
    pub once: u16,
    /// Requests on their way at the same time.
    pub at_once: u16,
    /// 401s whatever the token.
    pub hostile: u16,
    /// Connections that break.
    pub broken: u16,
    /// Callers that give up.
    pub leaves: u16,
    /// Faults of the token server.
    pub faults: u16,
    /// Faults of the store.
    pub store_faults: u16,
    /// Sign-ins.
    pub sign_ins: u16,
    /// Sign-outs.
    pub sign_outs: u16,
    /// Access tokens that stop being accepted.
    pub expiries: u16,
    /// Refresh tokens that are revoked.
    pub revocations: u16,
    /// Refreshes by another process.
    pub elsewhere: u16,
    /// Passages of time.
    pub time: u16,
}

impl Budget {
    /// Nothing, to add to.
    pub const NOTHING: Self = Self::of(0, 0, 0);
    /// As much as anybody wants.
    pub const UNLIMITED: Self = Self::of(u16::MAX, 8, 100);

    const fn of(each: u16, at_once: u16, sign_ins: u16) -> Self {
        Self {
            requests: each,
            once: each,
            at_once,
            hostile: each,
            broken: each,
            leaves: each,
            faults: each,
            store_faults: each,
            sign_ins,
            sign_outs: each,
            expiries: each,
            revocations: each,
            elsewhere: each,
            time: each,
        }
    }

    /// How much there is left, for a rank that falls with each step.
    fn left(&self) -> u32 {
        [
            self.requests,
            self.once,
            self.hostile,
            self.broken,
            self.leaves,
            self.faults,
            self.store_faults,
            self.sign_ins,
            self.sign_outs,
            self.expiries,
            self.revocations,
            self.elsewhere,
            self.time,
        ]
        .into_iter()
        .map(u32::from)
        .sum()
    }
}

/// Everything there is.
#[derive(Clone, Debug)]
pub struct World {
    setup: Setup,
    budget: Budget,
    /// In seconds.
    pub(super) now: u32,
    pub(super) requests: Vec<Option<Request>>,
    pub(super) flights: Vec<Option<Flight>>,
    pub(super) coordinator: Coordinator<u8>,
    /// The token that the driver holds beside the coordinator.
    pub(super) held: Option<Token>,
    pub(super) books: Books<Token>,
    pub(super) store: Store,
    pub(super) server: Server,
    pub(super) ledger: Ledger,
    pub(super) tally: Tally,
}

/// What the store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Store {
    pub(super) kept: Option<(Token, Version)>,
    pub(super) writer: Writer,
    versions: u64,
}

/// Who wrote last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Writer {
    ThisSession,
    SomebodyElse,
}

impl Store {
    pub(super) fn version(self) -> Option<Version> {
        self.kept.map(|(_, version)| version)
    }

    pub(super) fn token(self) -> Option<Token> {
        self.kept.map(|(token, _)| token)
    }

    fn keep(&mut self, token: Token, writer: Writer) -> Version {
        self.writer = writer;
        self.versions += 1;
        let version = Version(self.versions);
        self.kept = Some((token, version));
        version
    }
}

/// The store failed, or the answer that it did not.
pub(super) struct Lost;

pub(super) fn unexpected(_: Unexpected) -> &'static str {
    "the driver tells a machine what belongs to its state"
}

impl World {
    /// A session that holds a good token, which the store has too.
    #[must_use]
    pub fn new(setup: Setup, budget: Budget) -> Self {
        let lifetime = lifetime(setup);
        let mut server = Server::new(setup.rotation, lifetime);
        let token = server.sign_in(0);
        let mut store = Store {
            kept: None,
            writer: Writer::ThisSession,
            versions: 0,
        };
        let version = store.keep(token, Writer::ThisSession);
        let seconds = lifetime.map(|seconds| Duration::from_secs(seconds.into()));
        Self {
            setup,
            budget,
            now: 0,
            requests: vec![None; usize::from(budget.at_once)],
            flights: Vec::new(),
            coordinator: Coordinator::signed_in(rules(setup), Duration::ZERO, seconds),
            held: Some(token),
            books: Books::new(Some(version), None),
            store,
            server,
            ledger: Ledger::new(),
            tally: Tally::default(),
        }
    }

    /// What went well so far.
    #[must_use]
    pub const fn tally(&self) -> Tally {
        self.tally
    }

    /// What can happen next, faults included; it is never nothing.
    #[must_use]
    pub fn enabled(&self) -> Vec<Step> {
        let mut steps = self.fair();
        let budget = &self.budget;
        let mut may = |left: u16, step: Step| {
            if left > 0 {
                steps.push(step);
            }
        };
        if self.requests.contains(&None) {
            may(budget.requests, Step::Start);
            may(budget.once, Step::StartOnce);
        }
        for (slot, request) in self.distinct() {
            if request.place == Place::OnTheWire {
                may(budget.hostile, Step::Answer(slot, Said::Refused));
                may(budget.broken, Step::Answer(slot, Said::Nothing));
            }
            may(budget.leaves, Step::Leave(slot));
        }
        for (slot, flight) in self.flights_up() {
            match flight.stage {
                Stage::Asking(_) => {
                    for reply in [
                        Reply::Lost,
                        Reply::Broken,
                        Reply::Busy,
                        Reply::Refused,
                        Reply::Silence,
                    ] {
                        may(budget.faults, Step::Serve(slot, reply));
                    }
                }
                Stage::Departed(_) | Stage::Owed(_) if self.can_fly(slot) => {
                    may(budget.store_faults, Step::Fly(slot, Kept::Fails));
                    may(budget.store_faults, Step::Fly(slot, Kept::LosesItsAnswer));
                }
                Stage::Registered
                | Stage::Departed(_)
                | Stage::Owed(_)
                | Stage::Answered(..)
                | Stage::Heard(_)
                | Stage::Landed(_) => {}
            }
        }
        if self.books.owed().is_some() {
            may(budget.store_faults, Step::Settle(Kept::Fails));
            may(budget.store_faults, Step::Settle(Kept::LosesItsAnswer));
        }
        may(budget.sign_ins, Step::SignIn);
        if let Some(token) = self.held {
            may(budget.sign_outs, Step::SignOut);
            may(budget.revocations, Step::Revoke);
            if self.server.accepts(token, self.now) {
                may(budget.expiries, Step::Expire);
            }
        }
        if self.is_quiet() {
            may(budget.elsewhere, Step::Elsewhere(Elsewhere::Refreshes));
        }
        may(budget.time, Step::Time(Time::Rest));
        if self.lifetime().is_some() {
            may(budget.time, Step::Time(Time::Early));
            may(budget.time, Step::Time(Time::Lifetime));
        }
        steps
    }

    /// What happens by itself where nothing goes wrong; nothing once everybody is served.
    #[must_use]
    pub fn fair(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for (slot, request) in self.distinct() {
            match request.place {
                Place::OnTheWire => steps.push(Step::Answer(slot, Said::Honestly)),
                Place::Aboard(_, flight) if self.landed(flight).is_err() => {}
                Place::Aboard(..) | Place::Stale(..) | Place::Between(..) => {
                    steps.push(Step::Move(slot));
                }
            }
        }
        for (slot, flight) in self.flights_up() {
            if let Stage::Asking(_) = flight.stage {
                steps.push(Step::Serve(slot, Reply::Honest));
            } else if self.can_fly(slot) {
                steps.push(Step::Fly(slot, Kept::Works));
            }
        }
        if self.books.owed().is_some() {
            steps.push(Step::Settle(Kept::Works));
        }
        steps
    }

    pub(super) const fn setup(&self) -> Setup {
        self.setup
    }

    /// A step in words, before it is taken.
    pub(super) fn tell(&self, step: Step) -> String {
        let does = match step {
            Step::Move(slot) => {
                let request = self.requests.get(usize::from(slot)).copied().flatten();
                request.map(|request| match request.place {
                    Place::Stale(..) => "asks for a newer token",
                    Place::Between(_, Ahead::Wait(_)) => "has drained its answer, and waits",
                    Place::Between(_, Ahead::Resume | Ahead::Fail) => "has drained its answer",
                    Place::Aboard(..) => "hears that its flight has landed",
                    Place::OnTheWire => "waits for the server",
                })
            }
            Step::Fly(slot, _) => {
                let flight = self.flights.get(usize::from(slot)).copied().flatten();
                flight.map(|flight| match flight.stage {
                    Stage::Registered => "departs",
                    Stage::Departed(_) => "reads the store, and asks the token server",
                    Stage::Asking(_) => "waits for the token server",
                    Stage::Answered(..) => "gets its answer",
                    Stage::Owed(_) => "saves its token",
                    Stage::Heard(_) => "lands",
                    Stage::Landed(_) => "has landed",
                })
            }
            Step::Start
            | Step::StartOnce
            | Step::Answer(..)
            | Step::Leave(_)
            | Step::Serve(..)
            | Step::Settle(_)
            | Step::SignIn
            | Step::SignOut
            | Step::Expire
            | Step::Revoke
            | Step::Elsewhere(_)
            | Step::Time(_) => None,
        };
        match does {
            Some(does) => format!("{step} {does}"),
            None => step.to_string(),
        }
    }

    /// Takes a step that is [enabled](Self::enabled).
    ///
    /// # Errors
    ///
    /// The promise that it broke.
    pub fn take(&mut self, step: Step) -> Promise {
        self.pay(step);
        match step {
            Step::Start => self.begin(Body::Bytes)?,
            Step::StartOnce => self.begin(Body::Once)?,
            Step::Answer(slot, said) => self.answer(slot.into(), said)?,
            Step::Move(slot) => self.advance(slot.into())?,
            Step::Leave(slot) => self.requests[usize::from(slot)] = None,
            Step::Fly(slot, kept) => self.fly(slot, kept)?,
            Step::Serve(slot, reply) => self.serve(slot, reply)?,
            Step::Settle(kept) => _ = self.settle(kept),
            Step::SignIn => self.sign_in(),
            Step::SignOut => self.sign_out(),
            Step::Expire => {
                self.ledger.expire();
                self.held
                    .into_iter()
                    .for_each(|token| self.server.expire(token));
            }
            Step::Revoke => {
                self.ledger.clean = false;
                self.held
                    .into_iter()
                    .for_each(|token| self.server.revoke(token));
            }
            Step::Elsewhere(Elsewhere::Refreshes) => self.refresh_elsewhere(),
            Step::Time(time) => {
                self.ledger.time_passed();
                self.now += match time {
                    Time::Rest => 1,
                    Time::Early => LIFETIME - 1,
                    Time::Lifetime => LIFETIME,
                };
            }
        }
        self.clear_flights();
        self.holds()
    }

    /// The budget of a step, and what it may cost others.
    fn pay(&mut self, step: Step) {
        let budget = &mut self.budget;
        let mut fault = None;
        match step {
            Step::Start => fault = Some((&mut budget.requests, self.ledger.clean)),
            Step::StartOnce => fault = Some((&mut budget.once, self.ledger.clean)),
            Step::Leave(_) => fault = Some((&mut budget.leaves, self.ledger.clean)),
            Step::Expire => fault = Some((&mut budget.expiries, self.ledger.clean)),
            Step::Answer(_, Said::Refused) => fault = Some((&mut budget.hostile, false)),
            Step::Answer(_, Said::Nothing) => fault = Some((&mut budget.broken, false)),
            Step::Serve(_, Reply::Honest)
            | Step::Answer(_, Said::Honestly)
            | Step::Move(_)
            | Step::Fly(_, Kept::Works)
            | Step::Settle(Kept::Works) => {}
            Step::Fly(..) | Step::Settle(_) => fault = Some((&mut budget.store_faults, false)),
            Step::Serve(..) => fault = Some((&mut budget.faults, false)),
            Step::SignIn => fault = Some((&mut budget.sign_ins, false)),
            Step::SignOut => fault = Some((&mut budget.sign_outs, false)),
            Step::Revoke => fault = Some((&mut budget.revocations, false)),
            Step::Elsewhere(_) => fault = Some((&mut budget.elsewhere, false)),
            Step::Time(_) => fault = Some((&mut budget.time, false)),
        }
        if let Some((left, clean)) = fault {
            // The end of a run takes steps beyond the budget.
            *left = left.saturating_sub(1);
            self.ledger.clean = clean;
        }
    }

    /// What holds after every step.
    fn holds(&self) -> Promise {
        self.ledger
            .holds(self.held, self.coordinator.generation())?;
        let counting = self.flights_up().filter(|(_, flight)| {
            let landed = matches!(flight.stage, Stage::Landed(_));
            !landed && self.coordinator.awaits(flight.stale)
        });
        promise(
            counting.count() <= 1,
            "promise 2: at most one refresh in flight",
        )?;
        promise(
            self.server.reuses == 0,
            "promise 9: no refresh token is used twice",
        )
    }

    /// What holds once nothing happens by itself any more.
    pub(crate) fn settled(&self) -> Promise {
        promise(
            self.requests.iter().all(Option::is_none),
            "promise 7: every request that was not given up has its answer",
        )?;
        let kept = self.store.token();
        let theirs = self.store.writer == Writer::SomebodyElse;
        promise(
            theirs || self.coordinator.flight().is_some() || kept == self.held,
            "promise 13: the last word in the store is the session's",
        )
    }

    /// A number that falls with each step, so that every run ends.
    #[must_use]
    pub(crate) fn rank(&self) -> u32 {
        let flight = |(_, flight): (u8, Flight)| match flight.stage {
            Stage::Registered => 9,
            Stage::Departed(_) => 8,
            Stage::Asking(_) => 7,
            Stage::Answered(..) => 6,
            Stage::Owed(_) => 3,
            Stage::Heard(_) => 2,
            Stage::Landed(_) => 1,
        };
        let requests: u32 = self.requests.iter().flatten().map(Request::rank).sum();
        let flights: u32 = self.flights_up().map(flight).sum();
        // A request can add a flight, a budget can add a request, and a fence what is owed.
        self.budget.left() * 400 + requests * 20 + flights + u32::from(self.books.owed().is_some())
    }

    /// Hashes this world, but for the names of its requests, and for what nobody can tell apart.
    pub(crate) fn fingerprint(&self, hasher: &mut impl Hasher) {
        let mut requests: Vec<_> = self.requests.iter().flatten().collect();
        requests.sort_unstable();
        (self.budget, self.now, requests, &self.flights).hash(hasher);
        (&self.coordinator, self.held, &self.books, self.store).hash(hasher);
        (&self.server, &self.ledger).hash(hasher);
    }

    fn begin(&mut self, body: Body) -> Promise {
        match self.requests.iter().position(Option::is_none) {
            Some(slot) => self.start(slot, body),
            None => Err("no more requests at a time"),
        }
    }

    fn sign_in(&mut self) {
        let token = self.server.sign_in(self.now);
        let lifetime = self.lifetime();
        let lifetime = lifetime.map(|seconds| Duration::from_secs(seconds.into()));
        _ = self.coordinator.sign_in(self.clock(), lifetime);
        self.held = Some(token);
        self.ledger.fence(Some(token.identity));
        let generation = self.coordinator.generation();
        self.books.fence(generation, Word::SignedIn(token));
    }

    fn sign_out(&mut self) {
        _ = self.coordinator.sign_out();
        self.held = None;
        self.ledger.fence(None);
        let generation = self.coordinator.generation();
        self.books.fence(generation, Word::SignedOut);
    }

    /// The store hears what it is owed; whether it did, as far as the session knows.
    pub(super) fn settle(&mut self, kept: Kept) -> Result<(), Lost> {
        while let Some(word) = self.books.owed().copied() {
            match word {
                Word::Refreshed(token) | Word::SignedIn(token) => self.save(token, word, kept)?,
                Word::SignedOut => match kept {
                    Kept::Works => {
                        self.store.kept = None;
                        self.books.see(None);
                    }
                    Kept::Fails | Kept::LosesItsAnswer => return Err(Lost),
                },
            }
            self.books.settled(&word);
        }
        Ok(())
    }

    fn save(&mut self, token: Token, word: Word<Token>, kept: Kept) -> Result<(), Lost> {
        self.books.saving(token);
        if kept == Kept::Fails {
            return Err(Lost);
        }
        if self.store.version() != self.books.seen() {
            if !self.books.may_replace(&word, self.store.token().as_ref()) {
                return Ok(());
            }
            self.books.see(self.store.version());
        }
        let version = self.store.keep(token, Writer::ThisSession);
        if kept == Kept::LosesItsAnswer {
            return Err(Lost);
        }
        self.books.saved(version);
        Ok(())
    }

    /// Whether another process can refresh without a race that no session can see.
    fn is_quiet(&self) -> bool {
        let underway = |(_, flight): (u8, Flight)| {
            !matches!(flight.stage, Stage::Registered | Stage::Landed(_))
        };
        let kept = self.store.token();
        self.held.is_some()
            && kept == self.held
            && self.books.owed().is_none()
            && !self.flights_up().any(underway)
            && !kept.is_some_and(|token| self.ledger.may_be_spent(token))
    }

    fn refresh_elsewhere(&mut self) {
        if let Some((token, _)) = self.store.kept
            && let Some(newer) = self.server.refresh(token, self.now)
        {
            self.ledger.spend(token);
            self.ledger.vouch(newer);
            _ = self.store.keep(newer, Writer::SomebodyElse);
        }
    }

    /// Forgets the flights that have landed and that nobody looks at any more.
    fn clear_flights(&mut self) {
        for slot in 0..self.flights.len() {
            let looks = |request: &Request| request.flight().map(usize::from) == Some(slot);
            if let Some(Flight {
                stage: Stage::Landed(Landed::Refreshed | Landed::Failed | Landed::Overtaken),
                ..
            }) = self.flights[slot]
                && !self.requests.iter().flatten().any(looks)
            {
                self.flights[slot] = None;
            }
        }
        while let Some(None) = self.flights.last() {
            self.flights.pop();
        }
    }

    pub(super) fn free_flight(&mut self) -> u8 {
        let slot = self.flights.iter().position(Option::is_none);
        let slot = slot.unwrap_or_else(|| {
            self.flights.push(None);
            self.flights.len() - 1
        });
        u8::try_from(slot).expect("few flights at a time")
    }

    pub(super) fn flights_up(&self) -> impl Iterator<Item = (u8, Flight)> {
        (0..)
            .zip(&self.flights)
            .filter_map(|(slot, flight)| Some((slot, (*flight)?)))
    }

    /// The requests but for those that are like one before.
    fn distinct(&self) -> impl Iterator<Item = (u8, Request)> {
        let requests = (0..).zip(&self.requests);
        requests.enumerate().filter_map(|(index, (slot, request))| {
            let request = (*request)?;
            let before = self.requests[..index].contains(&Some(request));
            (!before).then_some((slot, request))
        })
    }

    pub(super) fn rules(&self) -> Rules {
        rules(self.setup)
    }

    pub(super) fn clock(&self) -> Duration {
        Duration::from_secs(self.now.into())
    }

    pub(super) fn lifetime(&self) -> Option<u32> {
        lifetime(self.setup)
    }

    pub(super) fn spawns(&self) -> bool {
        self.setup.spawning == Spawning::Tasks
    }
}

fn lifetime(setup: Setup) -> Option<u32> {
    match setup.lifetime {
        Lifetime::Short => Some(LIFETIME),
        Lifetime::Unknown => None,
    }
}

/// As the builder makes them: without a spawner there is no early refresh.
fn rules(setup: Setup) -> Rules {
    let early_refresh = Rules::default().early_refresh;
    Rules {
        early_refresh: early_refresh.filter(|_| setup.spawning == Spawning::Tasks),
        refresh_limit: 3,
        ..Rules::default()
    }
}
