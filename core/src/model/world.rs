//! The world: its parts, and the steps that it can take.

use std::hash::{Hash, Hasher};
use std::time::Duration;

use super::flight::{self, Flight, FlightStage, Landed};
use super::ledger::{self, Ledger, Promise, Tally, promise};
use super::request::{Body, Request, RequestStage};
use super::server::{Server, Token};
use super::setup::{Budget, LIFETIME, Lifetime, Second, Setup, Spawning};
use super::step::{Elsewhere, Reply, Said, Step, Time};
use crate::machine::{
    Coordinator, Destination, OriginSet, PathId, Renewable, Rules, Term, TokenUse, Unexpected,
};

/// A session with its requests, its servers and its store.
#[derive(Clone, Debug)]
pub struct World {
    setup: Setup,
    budget: Budget,
    /// The time, in seconds.
    pub(super) now: u32,
    pub(super) requests: Vec<Option<Request>>,
    pub(super) flights: Vec<Option<Flight>>,
    pub(super) coordinator: Coordinator<u8>,
    /// The session's token.
    pub(super) held: Option<Token>,
    /// When the lifetime of the token began.
    pub(super) since: u32,
    /// The token in the store. No write is pending or fails: the simulator checks the store queue.
    pub(super) stored: Option<Token>,
    pub(super) server: Server,
    pub(super) ledger: Ledger,
    pub(super) tally: Tally,
}

pub(super) fn unexpected(_: Unexpected) -> &'static str {
    "every input is legal in the state of its machine"
}

impl World {
    /// A world with a valid token, which the session and the store hold.
    #[must_use]
    pub fn new(setup: Setup, budget: Budget) -> Self {
        let lifetime = lifetime(setup);
        let mut server = Server::new(setup.rotation, lifetime);
        let token = server.sign_in(0);
        let term = term(0, lifetime, setup);
        Self {
            setup,
            budget,
            now: 0,
            requests: vec![None; usize::from(budget.at_once)],
            flights: Vec::new(),
            coordinator: Coordinator::signed_in(rules(setup), term),
            held: Some(token),
            since: 0,
            stored: Some(token),
            server,
            ledger: Ledger::new(setup),
            tally: Tally::default(),
        }
    }

    /// How often each outcome occurred so far.
    #[must_use]
    pub const fn tally(&self) -> Tally {
        self.tally
    }

    /// The steps that can happen next, including faults. With a budget left there is always one.
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
            may(budget.second, Step::StartSecond);
        }
        for (slot, request) in self.distinct() {
            if request.stage == RequestStage::OnTheWire {
                may(budget.hostile, Step::Answer(slot, Said::Refused));
                may(budget.broken, Step::Answer(slot, Said::Nothing));
            }
            may(budget.leaves, Step::Leave(slot));
        }
        for (slot, flight) in self.flights_up() {
            match flight.stage {
                FlightStage::Asking(_) => {
                    for reply in [
                        Reply::Lost,
                        Reply::Broken,
                        Reply::Busy,
                        Reply::BusyForLong,
                        Reply::Refused,
                        Reply::Silence,
                        Reply::SameToken,
                    ] {
                        may(budget.faults, Step::Serve(slot, reply));
                    }
                }
                FlightStage::Registered
                | FlightStage::Departed(_)
                | FlightStage::Answered(..)
                | FlightStage::Pausing(_)
                | FlightStage::Unpublished(_)
                | FlightStage::Landed(_) => {}
            }
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
        for (slot, request) in self.distinct() {
            if request.stage == RequestStage::Foreign {
                may(budget.hostile, Step::Answer(slot, Said::Refused));
                may(budget.broken, Step::Answer(slot, Said::Nothing));
            }
            if let RequestStage::OnTheWire | RequestStage::Foreign = request.stage {
                may(budget.redirects, Step::Answer(slot, Said::Onward));
                may(budget.redirects, Step::Answer(slot, Said::Away));
            }
        }
        steps
    }

    /// The steps that can happen next without a fault. There are none once every request has its
    /// answer and nothing is in progress.
    #[must_use]
    pub fn fair(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for (slot, request) in self.distinct() {
            match request.stage {
                RequestStage::OnTheWire | RequestStage::Foreign => {
                    steps.push(Step::Answer(slot, Said::Honestly));
                }
                RequestStage::Waiting(_, flight) | RequestStage::Renewing(_, flight)
                    if self.landed(flight).is_err() => {}
                RequestStage::Waiting(..)
                | RequestStage::Renewing(..)
                | RequestStage::Stale(..)
                | RequestStage::Expiring(_)
                | RequestStage::DrainingRedirect(..)
                | RequestStage::Draining(..) => {
                    steps.push(Step::Move(slot));
                }
            }
        }
        for (slot, flight) in self.flights_up() {
            if let FlightStage::Asking(_) = flight.stage {
                steps.push(Step::Serve(slot, Reply::Honest));
            } else if self.can_fly(slot) {
                steps.push(Step::Fly(slot));
            }
        }
        steps
    }

    pub(super) const fn setup(&self) -> Setup {
        self.setup
    }

    /// Takes a step that is [enabled](Self::enabled).
    ///
    /// # Errors
    ///
    /// The promise that does not hold after it.
    pub fn take(&mut self, step: Step) -> Promise {
        self.charge(step);
        match step {
            Step::Start => self.begin(Body::Bytes, 0)?,
            Step::StartOnce => self.begin(Body::Once, 0)?,
            Step::StartSecond => self.begin(Body::Bytes, 1)?,
            Step::Answer(slot, said) => self.answer(slot.into(), said)?,
            Step::Move(slot) => self.advance(slot.into())?,
            Step::Leave(slot) => self.requests[usize::from(slot)] = None,
            Step::Fly(slot) => self.fly(slot)?,
            Step::Serve(slot, reply) => self.serve(slot, reply)?,
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
                self.now += match time {
                    Time::Rest => 1,
                    Time::Early => LIFETIME - 1,
                    Time::Lifetime => LIFETIME,
                };
                self.ledger.time_passed(self.now);
            }
        }
        self.clear_flights();
        self.holds()
    }

    /// Charges a step to the budget, and records whether it is a fault.
    fn charge(&mut self, step: Step) {
        let budget = &mut self.budget;
        let mut fault = None;
        match step {
            Step::Start => fault = Some((&mut budget.requests, self.ledger.clean)),
            Step::StartOnce => fault = Some((&mut budget.once, self.ledger.clean)),
            Step::StartSecond => fault = Some((&mut budget.second, self.ledger.clean)),
            Step::Leave(_) => fault = Some((&mut budget.leaves, self.ledger.clean)),
            Step::Expire => fault = Some((&mut budget.expiries, self.ledger.clean)),
            Step::Answer(_, Said::Refused) => fault = Some((&mut budget.hostile, false)),
            Step::Answer(_, Said::Nothing) => fault = Some((&mut budget.broken, false)),
            Step::Answer(_, Said::Onward | Said::Away) => {
                fault = Some((&mut budget.redirects, self.ledger.clean));
            }
            Step::Serve(_, Reply::Honest)
            | Step::Answer(_, Said::Honestly)
            | Step::Move(_)
            | Step::Fly(_) => {}
            Step::Serve(..) => fault = Some((&mut budget.faults, false)),
            Step::SignIn => fault = Some((&mut budget.sign_ins, false)),
            Step::SignOut => fault = Some((&mut budget.sign_outs, false)),
            Step::Revoke => fault = Some((&mut budget.revocations, false)),
            Step::Elsewhere(_) => fault = Some((&mut budget.elsewhere, false)),
            Step::Time(_) => fault = Some((&mut budget.time, false)),
        }
        if let Some((left, clean)) = fault {
            // The end of a run takes steps without a budget.
            *left = left.saturating_sub(1);
            self.ledger.clean = clean;
        }
    }

    /// Checks what must hold after every step.
    fn holds(&self) -> Promise {
        self.ledger
            .holds(self.held, self.coordinator.generation())?;
        let counting = self.flights_up().filter(|(_, flight)| {
            let landed = matches!(flight.stage, FlightStage::Landed(_));
            !landed && self.coordinator.awaits(flight.stale)
        });
        promise(
            counting.count() <= 1,
            "promise 2: at most one refresh is in flight",
        )?;
        // Includes the calls of flights that a fence has overtaken.
        let asking = self
            .flights_up()
            .filter_map(|(_, flight)| match flight.stage {
                FlightStage::Asking(base) => Some(base.identity),
                FlightStage::Registered
                | FlightStage::Departed(_)
                | FlightStage::Pausing(_)
                | FlightStage::Answered(..)
                | FlightStage::Unpublished(_)
                | FlightStage::Landed(_) => None,
            });
        let mut asking: Vec<_> = asking.collect();
        let calls = asking.len();
        asking.sort_unstable();
        asking.dedup();
        promise(
            calls == asking.len(),
            "promise 2: at most one token request at a time for one sign-in",
        )?;
        promise(
            self.server.reuses == 0 || self.setup.token_use == TokenUse::Learn,
            "promise 9: a spent refresh token is used only if nothing is left to lose",
        )
    }

    /// Checks what must hold once no step without a fault is left.
    pub(crate) fn check_end(&self) -> Promise {
        promise(
            self.requests.iter().all(Option::is_none),
            "promise 7: every request that was not given up has its answer",
        )
    }

    /// A number that falls with each step, so that every run ends.
    #[must_use]
    pub(crate) fn rank(&self) -> u32 {
        let flight = |(_, flight): (u8, Flight)| {
            let stage = match flight.stage {
                FlightStage::Registered => 9,
                FlightStage::Departed(_) => 8,
                FlightStage::Pausing(_) => 8,
                FlightStage::Asking(_) => 7,
                FlightStage::Answered(..) => 6,
                FlightStage::Unpublished(_) => 2,
                FlightStage::Landed(_) => 1,
            };
            // Each pause uses one of two retries.
            stage + 4 * (2 - u32::from(flight.pauses))
        };
        let requests: u32 = self.requests.iter().flatten().map(Request::rank).sum();
        let flights: u32 = self.flights_up().map(flight).sum();
        // A request can start a flight. The budget can start a request.
        self.budget.left() * 400 + requests * 40 + flights
    }

    /// Hashes this world, without the numbers of its requests.
    pub(crate) fn fingerprint(&self, hasher: &mut impl Hasher) {
        let mut requests: Vec<_> = self.requests.iter().flatten().collect();
        requests.sort_unstable();
        (self.budget, self.now, requests, &self.flights).hash(hasher);
        (&self.coordinator, self.held, self.since, self.stored).hash(hasher);
        (&self.server, &self.ledger).hash(hasher);
    }

    fn begin(&mut self, body: Body, origin: u8) -> Promise {
        match self.requests.iter().position(Option::is_none) {
            Some(slot) => self.start(slot, body, origin),
            None => Err("there are too many requests at the same time"),
        }
    }

    fn sign_in(&mut self) {
        let token = self.server.sign_in(self.now);
        let term = term(self.now, self.lifetime(), self.setup);
        _ = self.coordinator.sign_in(term, flight::id(token));
        (self.held, self.since) = (Some(token), self.now);
        self.stored = self.held;
        self.ledger.fence(Some(token.identity));
    }

    fn sign_out(&mut self) {
        _ = self.coordinator.sign_out();
        (self.held, self.stored) = (None, None);
        self.ledger.fence(None);
    }

    /// Removes the flights that have landed and that no request waits for.
    fn clear_flights(&mut self) {
        for slot in 0..self.flights.len() {
            let looks = |request: &Request| request.flight().map(usize::from) == Some(slot);
            if let Some(Flight {
                stage: FlightStage::Landed(Landed::Refreshed | Landed::Failed | Landed::Overtaken),
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

    /// The requests that differ from all those before them.
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

    /// Whether the session's token is in the last fifth of its lifetime.
    pub(super) fn is_ending(&self) -> bool {
        let expires = self.held.and_then(|token| token.expires);
        expires.is_some_and(|end| self.now * 5 >= end * 4 + self.since)
    }

    /// Whether a new request to this destination can use the session's token.
    pub(super) fn usability(&self, origin: u8) -> Usability {
        let held = self.held;
        if self.setup.renewable == Renewable::No {
            return match held {
                Some(_) => Usability::Good,
                None => Usability::Unusable,
            };
        }
        if !self.ledger.is_good(held, self.now, origin.into()) {
            return Usability::Unusable;
        }
        if !self.ledger.is_doubted(origin.into()) {
            return Usability::Good;
        }
        let (flight, limit) = (self.coordinator.flight(), self.rules().refresh_limit);
        let newer = |limit| self.ledger.is_renewable(held, self.now, limit);
        match flight {
            None if !newer(u32::MAX) => Usability::Only,
            None if !newer(limit) => Usability::Limited,
            Some(_) | None => Usability::Doubtful,
        }
    }

    /// Whether the session's token is known to have expired, and can be replaced.
    pub(super) fn has_expired(&self) -> bool {
        let expired = |token| ledger::has_expired(token, self.now);
        self.setup.renewable == Renewable::Yes && self.held.is_some_and(expired)
    }

    /// The destination with this number.
    pub(super) fn destination(&self, origin: u8) -> Destination {
        match self.setup.second {
            Second::Origin => OriginSet::at(origin.into()).into(),
            Second::Path => Destination::new(OriginSet::at(0), PathId::new(1 + u64::from(origin))),
        }
    }

    pub(super) fn spawns(&self) -> bool {
        self.setup.spawning == Spawning::Tasks
    }
}

/// Whether a request can use the session's token at a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usability {
    /// There is no token, or it has expired or was refused there.
    Unusable,
    /// Another path of the same origin refused it, and a newer one can be obtained.
    Doubtful,
    /// Like [`Doubtful`](Self::Doubtful), but the limit of refreshes may be reached.
    Limited,
    /// Like [`Doubtful`](Self::Doubtful), but a newer one cannot be obtained.
    Only,
    /// It was not refused, or the session cannot get another one.
    Good,
}

/// The term of a token, without jitter.
pub(super) fn term(since: u32, lifetime: Option<u32>, setup: Setup) -> Term {
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    Term {
        renewable: setup.renewable,
        ..Term::new(seconds(since), lifetime.map(seconds), 0)
    }
}

fn lifetime(setup: Setup) -> Option<u32> {
    match setup.lifetime {
        Lifetime::Short => Some(LIFETIME),
        Lifetime::Unknown => None,
    }
}

/// The rules as the builder makes them: without a spawner there is no early refresh.
fn rules(setup: Setup) -> Rules {
    let early_refresh = Rules::default().early_refresh;
    Rules {
        early_refresh: early_refresh.filter(|_| setup.spawning == Spawning::Tasks),
        refresh_limit: 3,
        token_use: setup.token_use,
        ..Rules::default()
    }
}
