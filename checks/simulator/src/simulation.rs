//! One run: a scheduler that does one thing after another, as the choices say.

mod actions;
mod ending;
mod outcomes;
mod start;

use std::sync::{Arc, Mutex, PoisonError};

use reauth::{Session, Token};

use crate::calls::{Answer, Asked, Stage};
use crate::choices::{Choices, Kind, Made};
use crate::ledger::{Promise, Violation};
use crate::plan::{Action, Plan};
use crate::recording::Recording;
use crate::servers::{ATTEMPT_FAULTS, Pair, TOKEN_FAULTS};
use crate::setup::Setup;
use crate::situations::{Situation, Situations};
use crate::stored::STORE_FAULTS;
use crate::tasks::{Label, Polled, Tasks};
use crate::wire::{Wire, panics};
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
    /// Where the story is told, if it is.
    pub recording: Option<Arc<Recording>>,
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
    let choices = choices.on(scope.recording.clone());
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

/// As whom somebody signs in.
#[derive(Clone, Copy)]
enum Identity {
    New,
    /// With the token that the session has.
    Same,
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

impl<'a> Simulation<'a> {
    fn new(scope: &'a Scope, mut choices: Choices) -> Self {
        let setup = match &scope.plan {
            Some(plan) => plan.setup(scope.processes),
            None => Setup::choose(&mut choices, scope.processes),
        };
        let processes = usize::from(setup.processes);
        let mut slots = Vec::new();
        slots.resize_with(processes, Slot::default);
        let world = World::new(setup, scope.recording.clone());
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

    pub(super) fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.world.lock()
    }

    pub(super) fn is_broken(&self) -> bool {
        self.state().violation.is_some()
    }

    pub(super) fn spawn(
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
                        let acts = self.moves.len() + usize::from(self.setup.eagerness);
                        self.moves.resize(acts, Move::Act);
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
    pub(super) fn collect(&mut self) {
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
                Stage::Silent | Stage::Answered(_) | Stage::GivenUp => {}
            }
        }
    }

    pub(super) fn go(&mut self, chosen: Move) {
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
    pub(super) fn arrive(&mut self, id: u32) {
        let world = Arc::clone(&self.world);
        let (place, mut call) = {
            let mut state = world.lock();
            let place = state.calls.iter().position(|call| call.id == id);
            let Some(place) = place else { return };
            (place, state.calls.remove(place))
        };
        let late = matches!(call.stage, Stage::GivenUp);
        let mut fault = |options| match self.faults && !late {
            true => self.choices.choose(Kind::Fault, options),
            false => 0,
        };
        let answer = match &mut call.asked {
            Asked::Attempt(attempt) => {
                let fault = fault(ATTEMPT_FAULTS);
                world.lock().attempt_arrives(attempt, fault)
            }
            Asked::TokenCall { .. } => {
                let fault = fault(TOKEN_FAULTS);
                world.token_call(&mut call, fault)
            }
            Asked::Load | Asked::Save { .. } => {
                let fault = fault(STORE_FAULTS);
                world.lock().store_call(&mut call, fault)
            }
            Asked::Rest(rest) => Answer::Rest(*rest),
            Asked::Revocation { refresh } => world.lock().revocation(*refresh),
        };
        let mut state = world.lock();
        if late {
            state.lost(&call);
            drop(state);
            drop(call);
        } else {
            call.stage = match answer {
                Answer::Silence => Stage::Silent,
                answer => Stage::Acted(answer),
            };
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

    pub(super) fn release(&mut self) {
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
