//! One run: a scheduler that does one thing after another, as the choices say.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Request;
use reauth::{
    BearerToken, Body, Error, ErrorKind, JsonGrant, Reason, Revocation, RevocationError, Session,
    SessionBuilder, Timeout, Token,
};

use crate::calls::{Asked, Place, Stage};
use crate::choices::{Choices, Kind, Made};
use crate::ledger::{Promise, Sent, Violation};
use crate::plan::{Action, Plan};
use crate::servers::{ATTEMPT_FAULTS, Pair, TOKEN_FAULTS, number, uri};
use crate::setup::{Listener, Setup, Start, Storing};
use crate::situations::{Situation, Situations};
use crate::stored::STORE_FAULTS;
use crate::tasks::{Label, Polled, Tasks};
use crate::wire::{ON_PURPOSE, Response, Wire, panics};
use crate::world::{Holder, State, World};

/// What a run may do.
#[derive(Clone, Debug)]
pub struct Scope {
    /// How many processes there are. More than one share a store.
    pub processes: u8,
    /// After how many steps the faults stop.
    pub steps: u32,
    /// What happens, if that is not to be chosen.
    pub plan: Option<Plan>,
    /// Whether the story is told.
    pub tells: bool,
}

/// What came out of a run.
#[derive(Debug)]
pub struct Run {
    /// The promise that was broken, if one was.
    pub violation: Option<Violation>,
    /// How many steps it took.
    pub steps: u64,
    /// What it met.
    pub situations: Situations,
    /// The choices that were made.
    pub choices: Vec<Made>,
    /// What happened, if that was asked for.
    pub story: Vec<String>,
}

impl Run {
    /// The choices, from which the run can be repeated.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.choices.iter().map(|made| made.taken).collect()
    }
}

/// Runs the simulation once.
#[must_use]
pub fn run(scope: &Scope, choices: Choices) -> Run {
    let mut simulation = Simulation::new(scope, choices);
    simulation.start();
    simulation.disturb();
    simulation.finish();
    let Simulation {
        world,
        choices,
        tasks,
        slots,
        steps,
        ..
    } = simulation;
    drop((tasks, slots));
    let mut state = world.lock();
    Run {
        violation: state.violation.take(),
        steps,
        situations: state.situations,
        choices: choices.made().to_vec(),
        story: state.story(),
    }
}

type Slot = Arc<Mutex<Option<Session<Wire>>>>;

struct Simulation<'a> {
    scope: &'a Scope,
    setup: Setup,
    world: Arc<World>,
    choices: Choices,
    tasks: Tasks,
    /// The session of each process, if it runs.
    slots: Vec<Slot>,
    stalled: Vec<bool>,
    steps: u64,
    /// How much of the plan is done.
    planned: usize,
    /// Whether something can go wrong.
    faults: bool,
    moves: Vec<Move>,
    woken: Vec<usize>,
}

/// Something that can happen next.
#[derive(Clone, Copy, Debug)]
enum Move {
    Poll(usize),
    Deliver(u32),
    Arrive(u32),
    Act,
    Pass,
    Hold,
    Release,
    Late,
    End,
}

/// How many things may happen until all is quiet.
const QUIET: u32 = 3000;

impl<'a> Simulation<'a> {
    fn new(scope: &'a Scope, mut choices: Choices) -> Self {
        let setup = match &scope.plan {
            Some(plan) => plan.setup(scope.processes),
            None => Setup::choose(&mut choices, scope.processes),
        };
        let processes = usize::from(setup.processes);
        let mut slots = Vec::new();
        slots.resize_with(processes, Slot::default);
        let world = World::new(setup, scope.tells);
        world.lock().tell(|| format!("{setup:?}"));
        Self {
            scope,
            setup,
            world,
            choices,
            tasks: Tasks::default(),
            slots,
            stalled: vec![false; processes],
            steps: 0,
            planned: 0,
            faults: true,
            moves: Vec::new(),
            woken: Vec::new(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.world.lock()
    }

    fn is_broken(&self) -> bool {
        self.state().violation.is_some()
    }

    /// The processes start.
    fn start(&mut self) {
        if self.setup.start == Start::Open && self.setup.store == Storing::Shared {
            let mut state = self.state();
            let (pair, token) = signed_in(&mut state, 0);
            _ = pair;
            state.store.put(token);
        }
        for process in 0..self.setup.processes {
            self.open(process);
        }
    }

    /// A process starts.
    fn open(&mut self, process: u8) {
        let (holder, first) = {
            let mut state = self.state();
            let machine = &mut state.machines[usize::from(process)];
            machine.start += 1;
            let start = machine.start;
            state.ledger.holding(process).start(start);
            (Holder { process, start }, start == 1)
        };
        let wire = Wire {
            world: Arc::clone(&self.world),
            holder,
        };
        let builder = self.builder(&wire);
        let start = match (first, self.setup.store) {
            (true, _) => self.setup.start,
            // What it knew is lost, and there is no store: somebody signs in.
            (false, Storing::None) => Start::Build,
            (false, Storing::Shared) => Start::Open,
        };
        let in_hand = match start {
            Start::Open => None,
            Start::Build | Start::OpenWithToken | Start::RefreshToken => {
                let mut state = self.state();
                let (pair, token) = signed_in(&mut state, process);
                let (pair, token) = match start {
                    Start::RefreshToken => {
                        let pair = Pair {
                            access: None,
                            ..pair
                        };
                        (pair, pair.token())
                    }
                    _ => (pair, token),
                };
                state.begins_with(holder, pair);
                Some(token)
            }
        };
        let builder = match in_hand {
            Some(token) => builder.token(token),
            None => builder,
        };
        if matches!(start, Start::Build | Start::RefreshToken) {
            let session = builder.build().expect("the settings are valid");
            let mut state = self.state();
            state.ledger.holding(process).opening = false;
            state.tell(|| format!("P{process}: a session is built"));
            drop(state);
            put(&self.slots[usize::from(process)], Some(session));
            return;
        }
        self.state().tell(|| format!("P{process}: open()"));
        let (slot, world) = (
            Arc::clone(&self.slots[usize::from(process)]),
            Arc::clone(&self.world),
        );
        self.spawn(holder, Label::Open, async move {
            let session = builder.open().await;
            let mut state = world.lock();
            state.ledger.holding(process).opening = false;
            match session {
                Ok(session) => {
                    state.tell(|| format!("P{process}: is open"));
                    drop(state);
                    put(&slot, Some(session));
                }
                Err(error) => state.tell(|| format!("P{process}: cannot open: {error}")),
            }
        });
    }

    fn builder(&self, wire: &Wire) -> SessionBuilder<Wire> {
        let setup = self.setup;
        let grant = JsonGrant::new("https://as.test/token").expect("it is an address");
        let listener = wire.clone();
        let panics = setup.listener == Listener::Panics;
        let mut builder = Session::builder(wire.clone())
            .origin("https://a.test")
            .origin("https://b.test")
            .grant(grant)
            .revocation(Revoke)
            .token_use(setup.token_use)
            .refresh_retries(setup.retries)
            .refresh_limit(setup.refresh_limit, Duration::from_secs(10))
            .redirects(reauth::Redirects::follow(5))
            .on_event(move |event| {
                listener.world.lock().event(listener.holder, event);
                assert!(!panics, "{ON_PURPOSE}");
            });
        if setup.store == Storing::Shared {
            builder = builder.store(wire.clone());
        }
        if let Some(most) = setup.max_waiting {
            builder = builder.max_waiting(most);
        }
        builder
    }

    fn spawn(
        &mut self,
        holder: Holder,
        label: Label,
        future: impl Future<Output = ()> + Send + 'static,
    ) -> usize {
        self.tasks.add(holder, label, Box::pin(future))
    }

    /// Things happen, and go wrong.
    fn disturb(&mut self) {
        while self.steps < self.scope.steps.into() && !self.is_broken() {
            self.collect();
            let usual = self.moves.len();
            let (timers, late) = {
                let state = self.state();
                let given_up = |call: &crate::calls::Call| matches!(call.stage, Stage::GivenUp);
                (!state.timers.is_empty(), state.calls.iter().any(given_up))
            };
            let plans = self.scope.plan.as_ref();
            let left = plans.is_none_or(|plan| self.planned < plan.actions.len());
            let choice = if usual == 0 {
                match left {
                    // A run without choices ends at once.
                    true if plans.is_none() => {
                        self.moves.push(Move::End);
                        self.moves.extend([Move::Act; 8]);
                    }
                    true => self.moves.push(Move::Act),
                    false => self.moves.push(Move::End),
                }
                if timers {
                    self.moves.push(Move::Pass);
                }
                if self.holds() {
                    self.moves.push(Move::Release);
                }
                if late {
                    self.moves.push(Move::Late);
                }
                let kind = if plans.is_some() {
                    Kind::Order
                } else {
                    Kind::Idle
                };
                self.choices.choose(kind, self.moves.len())
            } else {
                if left {
                    self.moves.push(Move::Act);
                }
                self.moves.push(Move::Hold);
                if self.holds() {
                    self.moves.push(Move::Release);
                }
                if timers {
                    self.moves.push(Move::Pass);
                }
                if late {
                    self.moves.push(Move::Late);
                }
                self.choices.choose(Kind::Order, self.moves.len())
            };
            match self.moves[choice] {
                Move::End => break,
                chosen => self.go(chosen),
            }
        }
    }

    fn holds(&self) -> bool {
        self.tasks.holds()
            || self.state().calls.iter().any(|call| call.held)
            || self.stalled.contains(&true)
    }

    /// Collects what can happen by itself, in the usual order.
    fn collect(&mut self) {
        self.moves.clear();
        self.woken.clear();
        self.tasks.woken(&mut self.woken);
        for number in &self.woken {
            let task = self.tasks.get(*number);
            if !task.held && !self.stalled[usize::from(task.holder.process)] {
                self.moves.push(Move::Poll(*number));
            }
        }
        let state = self.world.lock();
        for call in state.calls.iter().filter(|call| !call.held) {
            match call.stage {
                Stage::Acted(_) => self.moves.push(Move::Deliver(call.id)),
                Stage::Asked => self.moves.push(Move::Arrive(call.id)),
                Stage::Answered(_) | Stage::GivenUp => {}
            }
        }
    }

    fn go(&mut self, chosen: Move) {
        self.steps += 1;
        match chosen {
            Move::Poll(number) => self.poll(number),
            Move::Deliver(id) => self.state().deliver(id),
            Move::Arrive(id) => self.arrive(id),
            Move::Act => {
                let action = match &self.scope.plan {
                    Some(plan) => plan.actions[self.planned],
                    None => Action::choose(&mut self.choices, self.setup),
                };
                self.planned += 1;
                self.act(action);
            }
            Move::Pass => {
                let mut state = self.state();
                if let Some(next) = state.next_timer() {
                    state.pass(next);
                    state.tell(|| "(the next timer is due)".to_owned());
                }
            }
            Move::Hold => self.hold(),
            Move::Release => self.release(),
            Move::Late => self.late(),
            Move::End => {}
        }
    }

    fn poll(&mut self, number: usize) {
        let (label, process) = {
            let task = self.tasks.get(number);
            (task.label, task.holder.process)
        };
        let before = panics();
        let polled = self.tasks.poll(number);
        let mut state = self.world.lock();
        // Most panics are caught by the session.
        if matches!(polled, Polled::Panicked) || panics() > before {
            state.broken(Promise::P8, || format!("P{process}: {label} panics"));
        }
        state.settle();
        let spawned = std::mem::take(&mut state.spawned);
        drop(state);
        for (holder, task) in spawned {
            self.tasks.add(holder, Label::Background, task.0);
        }
    }

    /// A call arrives, now or late.
    fn arrive(&mut self, id: u32) {
        let world = Arc::clone(&self.world);
        let mut state = world.lock();
        let Some(place) = state.calls.iter().position(|call| call.id == id) else {
            return;
        };
        let mut call = state.calls.remove(place);
        let late = matches!(call.stage, Stage::GivenUp);
        let mut fault = |options| match self.faults && !late {
            true => self.choices.choose(Kind::Fault, options),
            false => 0,
        };
        let answer = match &mut call.asked {
            Asked::Attempt(attempt) => {
                let fault = fault(ATTEMPT_FAULTS);
                state.attempt_arrives(attempt, fault)
            }
            Asked::TokenCall { .. } => {
                let fault = fault(TOKEN_FAULTS);
                state.token_call(&mut call, fault)
            }
            Asked::Load | Asked::Save { .. } | Asked::Erase { .. } => {
                let fault = fault(STORE_FAULTS);
                state.store_call(&mut call, fault)
            }
            Asked::Rest(rest) => crate::calls::Answer::Rest(*rest),
            Asked::Revocation { refresh } => state.revocation(*refresh),
        };
        if late {
            state.lost(&call);
            drop(state);
            drop(call);
        } else {
            call.stage = Stage::Acted(answer);
            state.calls.insert(place, call);
        }
    }

    /// What would happen next does not happen for a while.
    fn hold(&mut self) {
        let world = Arc::clone(&self.world);
        let mut state = world.lock();
        state.met(Situation::HeldBack);
        match self.moves[0] {
            Move::Poll(number) => {
                let task = self.tasks.get(number);
                task.held = true;
                let (process, label) = (task.holder.process, task.label);
                state.tell(|| format!("(P{process}: {label} is not polled for a while)"));
            }
            Move::Deliver(id) | Move::Arrive(id) => {
                if let Some(call) = state.calls.iter_mut().find(|call| call.id == id) {
                    call.held = true;
                    let what = call.asked.what();
                    let process = call.holder.process;
                    state.tell(|| format!("(P{process}: {what} takes a while)"));
                }
            }
            _ => {}
        }
    }

    fn release(&mut self) {
        self.tasks.release();
        self.stalled.fill(false);
        for call in &mut self.world.lock().calls {
            call.held = false;
        }
    }

    /// A call arrives that was given up, or never does.
    fn late(&mut self) {
        let given_up = |call: &&crate::calls::Call| matches!(call.stage, Stage::GivenUp);
        let many = self.state().calls.iter().filter(given_up).count();
        let chosen = self.choices.choose(Kind::Detail, many);
        let mut state = self.state();
        let id = state
            .calls
            .iter()
            .filter(given_up)
            .nth(chosen)
            .map(|call| call.id);
        let Some(id) = id else { return };
        state.tell(|| "  what was given up is done late".to_owned());
        drop(state);
        self.arrive(id);
    }

    fn session(&self, process: u8) -> Option<(Holder, Session<Wire>)> {
        let slot = self.slots[usize::from(process)].lock();
        let session = slot.unwrap_or_else(PoisonError::into_inner).clone()?;
        let start = self.state().machines[usize::from(process)].start;
        Some((Holder { process, start }, session))
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Request {
                process,
                place,
                sent,
            } => {
                self.request(process, place, sent);
            }
            Action::RevokeAccesses => {
                let mut state = self.state();
                state.tell(|| "the servers accept no access token of now any more".to_owned());
                state.servers.revoke_accesses();
            }
            Action::RevokeSignIn => {
                let mut state = self.state();
                let last = state.servers.sign_ins.len() - 1;
                state.servers.revoke(last);
                state.servers.excuse(last, "the sign-in was revoked");
                state.tell(|| format!("sign-in {last} is revoked"));
            }
            Action::SignIn(process) => self.sign_in(process),
            Action::SignOut(process) => self.sign_out(process),
            Action::Refresh(process) => self.bearer(process, Label::Refresh),
            Action::Token(process) => self.bearer(process, Label::Token),
            Action::Close(process) => {
                self.close(process);
            }
            Action::Pass(time) => {
                let mut state = self.state();
                let until = state.now + time.as_millis() as u64;
                state.pass(until);
                state.tell(|| format!("({} s pass)", time.as_secs_f32()));
            }
            Action::Drop => self.drop_one(),
            Action::Crash(process) => self.crash(process),
            Action::Open(process) => {
                let has = self.session(process).is_some();
                let opens = self
                    .tasks
                    .live()
                    .any(|(_, task)| task.label == Label::Open && task.holder.process == process);
                if !has && !opens {
                    self.open(process);
                    self.state().met(Situation::Reopened);
                }
            }
            Action::Stall(process) => {
                self.stalled[usize::from(process)] = true;
                let mut state = self.state();
                state.tell(|| format!("(P{process} stalls)"));
                state.met(Situation::Stalled);
            }
            Action::SetClock(process, by) => {
                let mut state = self.state();
                let machine = &mut state.machines[usize::from(process)];
                machine.ahead += by;
                machine.jumped += u64::try_from(by).unwrap_or_default();
                state.tell(|| format!("P{process}: its wall clock is set by {} s", by / 1000));
                state.met(match by < 0 {
                    true => Situation::ClockSetBack,
                    false => Situation::ClockSetAhead,
                });
            }
            Action::Suspend(process, time) => {
                let mut state = self.state();
                let time = time.as_millis() as u64;
                state.machines[usize::from(process)].asleep += time;
                let until = state.now + time;
                state.pass(until);
                state.tell(|| {
                    format!(
                        "P{process}: its machine was suspended for {} s",
                        time / 1000
                    )
                });
                state.met(Situation::Suspended);
            }
        }
    }

    fn request(&mut self, process: u8, place: Place, sent: Sent) -> Option<usize> {
        let (holder, session) = self.session(process)?;
        let number = {
            let mut state = self.state();
            let number = state.begin_request(holder, place, sent);
            state.tell(|| format!("P{process}: request {number}, {sent:?}"));
            number
        };
        let bytes = sent.bytes(number);
        let (method, body) = match sent {
            Sent::Nothing => ("GET", Body::empty()),
            Sent::Bytes => ("POST", Body::from(bytes)),
            Sent::Factory => ("POST", Body::factory(move || Body::from(bytes.clone()))),
            Sent::Once => {
                let piece = futures_util::stream::iter([Ok::<_, std::io::Error>(bytes)]);
                ("POST", Body::stream(piece))
            }
        };
        let request = Request::builder().method(method).uri(uri(place, number));
        let mut request = request.body(body).expect("it is a request");
        if let (Some(timeout), true) = (self.setup.timeout, self.faults) {
            request.extensions_mut().insert(Timeout(timeout));
        }
        let world = Arc::clone(&self.world);
        self.spawn(holder, Label::Request(number), async move {
            world.lock().request_is_polled(number);
            let answer = session.execute(request).await;
            world.lock().request_ended(number, &answer);
        });
        Some(number)
    }

    fn sign_in(&mut self, process: u8) {
        let Some((holder, session)) = self.session(process) else {
            return;
        };
        let world = Arc::clone(&self.world);
        let spawned = async move {
            let (pair, token) = {
                let mut state = world.lock();
                let flight = state
                    .calls
                    .iter()
                    .any(|call| matches!(call.asked, Asked::TokenCall { .. }));
                if flight {
                    state.met(Situation::SignedInAgain);
                }
                let (pair, token) = signed_in(&mut state, process);
                state.tell(|| format!("P{process}: signs in with {pair}"));
                state.fence(holder, Some(pair));
                state.is_given(holder, pair);
                (pair, token)
            };
            let done = session.replace(token).await;
            let mut state = world.lock();
            state.tell(|| {
                format!(
                    "P{process}: replace with {pair} returns {:?}",
                    done.map_err(|error| error.kind())
                )
            });
        };
        self.spawn(holder, Label::SignIn, spawned);
    }

    fn sign_out(&mut self, process: u8) {
        let Some((holder, session)) = self.session(process) else {
            return;
        };
        let world = Arc::clone(&self.world);
        self.spawn(holder, Label::SignOut, async move {
            {
                let mut state = world.lock();
                state.tell(|| format!("P{process}: signs out"));
                state.met(Situation::SignedOut);
                state.fence(holder, None);
            }
            let done = session.sign_out().await;
            let mut state = world.lock();
            state.tell(|| {
                format!(
                    "P{process}: sign_out returns {:?}",
                    done.map_err(|error| error.kind())
                )
            });
        });
    }

    fn bearer(&mut self, process: u8, label: Label) {
        let Some((holder, session)) = self.session(process) else {
            return;
        };
        let world = Arc::clone(&self.world);
        self.spawn(holder, label, async move {
            let under = {
                let mut state = world.lock();
                state.tell(|| format!("P{process}: {label} is called"));
                state.met(Situation::Forced);
                state.signed_in_as(holder)
            };
            let token = match label {
                Label::Token => session.token().await,
                _ => session.refresh().await,
            };
            world.lock().bearer_ended(holder, under, label, &token);
        });
    }

    /// Closes a session. Returns its task.
    fn close(&mut self, process: u8) -> Option<usize> {
        let (holder, session) = self.session(process)?;
        let (world, faults) = (Arc::clone(&self.world), self.faults);
        let task = self.spawn(holder, Label::Close, async move {
            {
                let mut state = world.lock();
                state.tell(|| format!("P{process}: close is called"));
                let flight = state
                    .calls
                    .iter()
                    .any(|call| matches!(call.asked, Asked::TokenCall { .. }));
                state.met(if flight {
                    Situation::ClosedInFlight
                } else {
                    Situation::Closed
                });
            }
            let done = session.close().await.map_err(|error| error.kind());
            let mut state = world.lock();
            state.tell(|| format!("P{process}: close returns {done:?}"));
            if done.is_err() && !faults {
                state.broken(Promise::P10, || {
                    format!("P{process}: close fails, and the store works")
                });
            }
        });
        Some(task)
    }

    fn drop_one(&mut self) {
        let many = self.tasks.live().count();
        if many == 0 {
            return;
        }
        let chosen = self.choices.choose(Kind::Detail, many);
        let Some((number, task)) = self.tasks.live().nth(chosen) else {
            return;
        };
        let (label, process) = (task.label, task.holder.process);
        if label == Label::Open {
            return;
        }
        let mut state = self.state();
        state.tell(|| format!("P{process}: {label} is dropped"));
        state.met(Situation::FutureDropped);
        drop(state);
        self.tasks.drop(number);
    }

    /// A process dies.
    fn crash(&mut self, process: u8) {
        let index = usize::from(process);
        {
            let mut state = self.state();
            let machine = &mut state.machines[index];
            // From here on nothing of it counts.
            machine.start += 1;
            state.tell(|| format!("P{process} dies"));
            state.dies(process);
        }
        self.tasks.drop_all(process);
        let session = put(&self.slots[index], None);
        drop(session);
        self.stalled[index] = false;
        self.after_death(process);
    }

    /// What a dead process had on its way to the store is done now or never, if it is a sign-in or
    /// sign-out: it would be another holder's word otherwise. The rest may arrive late.
    fn after_death(&mut self, process: u8) {
        let dead = |call: &crate::calls::Call| {
            call.holder.process == process
                && matches!(
                    call.asked,
                    Asked::Save { .. } | Asked::Erase { .. } | Asked::TokenCall { .. }
                )
        };
        let ids: Vec<_> = {
            let state = self.state();
            let calls = state.calls.iter().filter(|call| dead(call));
            calls
                .filter(|call| state.is_a_fence(call))
                .map(|call| call.id)
                .collect()
        };
        for id in ids {
            if self.faults && self.choices.choose(Kind::Detail, 2) == 1 {
                self.arrive(id);
            }
            let mut state = self.state();
            let place = state.calls.iter().position(|call| call.id == id);
            let call = place.map(|place| state.calls.remove(place));
            drop(state);
            drop(call);
        }
    }

    /// The faults stop: everything comes to rest, and each session is asked for its service.
    fn finish(&mut self) {
        if self.is_broken() {
            return;
        }
        self.state().tell(|| "---- the faults stop".to_owned());
        self.faults = false;
        self.release();
        self.rest();
        for process in 0..self.setup.processes {
            if self.session(process).is_none() && !self.is_broken() {
                self.open(process);
                self.rest();
            }
        }
        self.everything_ended();
        for _ in 0..2 {
            self.probe();
            self.close_all();
        }
        self.forget_late_calls();
    }

    fn everything_ended(&mut self) {
        let pending: Vec<_> = self
            .tasks
            .live()
            .map(|(_, task)| (task.holder.process, task.label))
            .collect();
        if let Some((process, label)) = pending.first() {
            let mut state = self.state();
            state.broken(Promise::P7, || format!("P{process}: {label} never ends"));
        }
    }

    /// Lets everything happen in the usual order, until nothing is left that can.
    fn rest(&mut self) {
        for _ in 0..QUIET {
            if self.is_broken() {
                return;
            }
            self.collect();
            if let Some(next) = self.moves.first() {
                self.go(*next);
                continue;
            }
            let mut state = self.state();
            match state.next_timer() {
                Some(next) => state.pass(next),
                None => return,
            }
        }
        self.state()
            .broken(Promise::P8, || "there is no rest".to_owned());
    }

    /// Each session that was not told to sign in again is served.
    fn probe(&mut self) {
        if self.is_broken() {
            return;
        }
        {
            let mut state = self.state();
            state.servers.revoke_accesses();
            state.tell(|| "---- all access tokens are revoked".to_owned());
        }
        for process in 0..self.setup.processes {
            for attempt in 0..3 {
                let mut state = self.state();
                let until = state.now + 400_000;
                state.pass(until);
                drop(state);
                self.rest();
                let place = Place { origin: 0, path: 0 };
                let Some(request) = self.request(process, place, Sent::Nothing) else {
                    break;
                };
                self.rest();
                let mut state = self.state();
                if state.violation.is_some() {
                    return;
                }
                if state.ledger.requests[request].ended == Some(None)
                    && state.ledger.requests[request].served
                {
                    state.met(Situation::Served);
                    break;
                }
                if state.may_end(state.ledger.holding_of(process).sign_in) {
                    state.met(Situation::Ended);
                    break;
                }
                if attempt == 2 {
                    state.broken(Promise::P11, || format!("P{process} is not served"));
                }
            }
        }
    }

    fn close_all(&mut self) {
        for process in 0..self.setup.processes {
            if self.is_broken() {
                return;
            }
            if self.close(process).is_none() {
                continue;
            }
            self.rest();
            self.everything_ended();
            let mut state = self.state();
            state.compare_events(process);
            if self.setup.store == Storing::Shared {
                state.compare_store(process);
            }
        }
    }

    fn forget_late_calls(&mut self) {
        let calls = std::mem::take(&mut self.state().calls);
        drop(calls);
    }
}

/// Somebody signs in: the token server grants a token.
fn signed_in(state: &mut State, process: u8) -> (Pair, Token) {
    let (now, setup) = (state.now, state.setup);
    let pair = state.servers.sign_in(now, setup);
    let wall = state.wall_clock(process);
    let token = pair.token();
    let token = match setup.lifetime {
        Some(lifetime) => token.with_issued_at(wall).with_expires_at(wall + lifetime),
        None => token,
    };
    (pair, token)
}

fn put(slot: &Slot, session: Option<Session<Wire>>) -> Option<Session<Wire>> {
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::replace(&mut *slot, session)
}

impl State {
    fn request_ended(&mut self, request: usize, answer: &Result<Response, Error>) {
        let log = &self.ledger.requests[request];
        let (holder, process) = (log.holder, log.holder.process);
        match answer {
            Ok(response) => {
                let reason = response.reason();
                let status = response.status().as_u16();
                self.tell(|| format!("P{process}: request {request} ends: {status} {reason:?}"));
                if status == 401 && reason.is_none() {
                    self.broken(Promise::P14, || {
                        format!("request {request} gets a 401 without a reason")
                    });
                }
                match reason {
                    Some(Reason::RefusedAgain) => self.met(Situation::RefusedAgain),
                    Some(Reason::BodyNotReplayable) => self.met(Situation::BodyNotReplayable),
                    Some(Reason::RefreshLimit) => self.met(Situation::RefreshLimited),
                    Some(Reason::TokenTooFresh) => self.met(Situation::TokenTooFresh),
                    Some(Reason::Superseded) => self.met(Situation::Superseded),
                    _ => {}
                }
                let log = &mut self.ledger.requests[request];
                log.ended = Some(reason);
                log.served = status == 200;
            }
            Err(error) => {
                let log = &mut self.ledger.requests[request];
                log.ended = Some(None);
                let under = log.sign_in;
                self.tell(|| format!("P{process}: request {request} ends: {:?}", error.kind()));
                self.failed(holder, under, error);
            }
        }
    }

    fn bearer_ended(
        &mut self,
        holder: Holder,
        under: Option<usize>,
        label: Label,
        token: &Result<BearerToken, Error>,
    ) {
        let process = holder.process;
        match token {
            Ok(token) => {
                self.tell(|| format!("P{process}: {label} returns {}", token.access_token()));
                if let Some(access) = number(token.access_token()) {
                    self.handed_out(holder, access);
                }
            }
            Err(error) => {
                self.tell(|| format!("P{process}: {label} fails: {:?}", error.kind()));
                self.failed(holder, under, error);
            }
        }
    }

    fn failed(&mut self, holder: Holder, under: Option<usize>, error: &Error) {
        let process = holder.process;
        match error.kind() {
            ErrorKind::SessionExpired if !self.may_end(under) => {
                self.broken(Promise::P11, || {
                    format!("P{process} is told to sign in again, for no reason")
                });
            }
            ErrorKind::SessionExpired => {
                self.ledger.holding(process).told_to_sign_in = true;
            }
            ErrorKind::RefreshUnavailable => self.met(Situation::RefreshUnavailable),
            ErrorKind::RefreshUnknown => self.met(Situation::RefreshUnknown),
            ErrorKind::RefreshLimit => self.met(Situation::RefreshLimited),
            ErrorKind::Timeout => self.met(Situation::RequestTimedOut),
            ErrorKind::TooManyWaiting => self.met(Situation::TooManyWaiting),
            ErrorKind::Superseded => self.met(Situation::Superseded),
            _ => {}
        }
    }
}

/// Revokes a token at sign-out.
#[derive(Debug)]
struct Revoke;

impl Revocation for Revoke {
    fn request(&self, token: &Token) -> Request<bytes::Bytes> {
        let body = token.refresh_token().unwrap_or_default().to_owned();
        Request::post("https://as.test/revoke")
            .body(body.into())
            .expect("it is a request")
    }

    fn response(&self, _: &http::Response<bytes::Bytes>) -> Result<(), RevocationError> {
        Ok(())
    }
}
