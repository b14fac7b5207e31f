//! The steps of each machine: a state, and an input.

use std::hint::black_box;
use std::time::Duration;

use reauth_reqwest::reauth::machine::redirects::{
    BodyLeft, Channel, Credentials, Headers, Input as Told, Redirect, Rewrite, TargetOrigin,
};
use reauth_reqwest::reauth::machine::{
    AccessTokenChange, Coordinator, Input, Landing, OriginSet, RedirectMachine, RefreshTokenChange,
    Refusal, Replay, Rules, Sendable, SessionMachine, Term, TokenStatus, Verdict,
};
use reauth_reqwest::reauth::{Generation, Redirects};

use crate::alone::Done;

pub(super) const TIMES: usize = 1_000;

/// A step and its baseline.
pub(super) struct Step {
    pub(super) machine: &'static str,
    pub(super) name: &'static str,
    /// Copies the machine: the baseline.
    pub(super) copy: Box<dyn FnMut(usize) -> Done>,
    /// Copies the machine, and takes the step.
    pub(super) step: Box<dyn FnMut(usize) -> Done>,
}

impl Step {
    fn new<M: Clone + 'static, T: 'static>(
        machine: &'static str,
        name: &'static str,
        at: &M,
        take: impl Fn(&mut M) -> T + 'static,
    ) -> Self {
        let (at, other) = (at.clone(), at.clone());
        Self {
            machine,
            name,
            copy: Box::new(move |times| repeat(times, &at, |_| ())),
            step: Box::new(move |times| repeat(times, &other, &take)),
        }
    }
}

fn repeat<M: Clone, T>(times: usize, machine: &M, take: impl Fn(&mut M) -> T) -> Done {
    for _ in 0..times {
        let mut machine = black_box(machine).clone();
        black_box(take(&mut machine));
        black_box(&mut machine);
    }
    Ok(())
}

const OLD: Generation = Generation::FIRST;
const NEW: Generation = OLD.next();

/// The steps of all machines, in the order in which a request uses them.
pub(super) fn all() -> Vec<Step> {
    let mut steps = session_machine();
    steps.extend(coordinator());
    steps.extend(redirects());
    steps
}

fn session_machine() -> Vec<Step> {
    let start = Input::Start(TokenStatus::Usable(OLD));
    let answered = Input::Replied(Verdict::Answer, Replay::Allowed, 200);
    let refused = Input::Replied(Verdict::Challenge, Replay::Allowed, 401);
    let refreshed = Input::Refreshed(NEW);
    let step = |name, before: &[Input<u64>], input| {
        let mut at = SessionMachine::new();
        for input in before {
            _ = at.handle(*input);
        }
        let take = move |machine: &mut SessionMachine| machine.handle(black_box(input));
        Step::new("SessionMachine", name, &at, take)
    };
    vec![
        step("Start: Send", &[], start),
        step("Replied, an answer: Finish", &[start], answered),
        step("Replied, a challenge: Refresh", &[start], refused),
        step("Refreshed: Send", &[start, refused], refreshed),
        step(
            "Replied to the replay: Finish",
            &[start, refused, refreshed],
            answered,
        ),
    ]
}

/// A flight is a number.
type Flight = u64;

const FLIGHT: Flight = 1;
const ORIGIN: OriginSet = OriginSet::at(0);
const LIFETIME: Duration = Duration::from_secs(100);
const FRESH: Duration = Duration::from_secs(1);
/// Within the margin of the early refresh.
const EARLY: Duration = Duration::from_secs(95);

fn coordinator() -> Vec<Step> {
    let term = Term::new(Duration::ZERO, Some(LIFETIME), 0);
    let brought = Landing::Refreshed {
        term: Term::new(FRESH, Some(LIFETIME), 0),
        access_token: AccessTokenChange::New,
        refresh_token: RefreshTokenChange::Replaced,
    };
    let idle: Coordinator<Flight> = Coordinator::signed_in(Rules::default(), term);
    let mut in_flight = idle.clone();
    _ = in_flight.admit(OLD, Refusal::By(ORIGIN.into()), FRESH, |_| FLIGHT);
    let mut landed = in_flight.clone();
    _ = landed.land(OLD, brought, FRESH);
    let enter = |name, at: &Coordinator<Flight>, now| {
        Step::new("Coordinator", name, at, move |machine| {
            let sendable = black_box(Sendable::Again);
            machine.enter(black_box(ORIGIN), sendable, black_box(now), |_| FLIGHT)
        })
    };
    let admit = |name, at: &Coordinator<Flight>| {
        Step::new("Coordinator", name, at, move |machine| {
            let refusal = black_box(Refusal::By(ORIGIN.into()));
            machine.admit(black_box(OLD), refusal, black_box(FRESH), |_| FLIGHT)
        })
    };
    vec![
        enter("enter: Go", &idle, FRESH),
        enter("enter, near the expiry: GoAndDepart", &idle, EARLY),
        enter(
            "enter, in a flight that is needed: Stale",
            &in_flight,
            FRESH,
        ),
        admit("admit, the first: Await, and depart", &idle),
        admit("admit, another: Await", &in_flight),
        admit("admit, late: Current", &landed),
        Step::new("Coordinator", "land: Counts", &in_flight, move |machine| {
            machine.land(black_box(OLD), black_box(brought), black_box(FRESH))
        }),
        Step::new("Coordinator", "resume", &landed, |machine| {
            let refusal = Refusal::By(ORIGIN.into());
            let there = black_box(ORIGIN);
            machine.resume(black_box(OLD), refusal, there, black_box(FRESH))
        }),
    ]
}

fn redirects() -> Vec<Step> {
    let redirect = Redirect::new(
        TargetOrigin::Allowed,
        Channel::Tls,
        Headers::Kept,
        Rewrite::Kept,
        BodyLeft::There,
    );
    let start = Told::Start(Credentials::Session, Channel::Tls);
    let redirected = Told::Redirected(redirect);
    let usable = Told::Token(TokenStatus::Usable(Generation::FIRST));
    let told = |name, before: &[Told], input| {
        let mut at = RedirectMachine::new(Redirects::follow(5));
        for input in before {
            _ = at.handle(*input);
        }
        let take = move |machine: &mut RedirectMachine| machine.handle(black_box(input));
        Step::new("RedirectMachine", name, &at, take)
    };
    vec![
        told("Start: Send", &[], start),
        told("Answered: Return", &[start], Told::Answered),
        told("Refreshing: Continue", &[start], Told::Refreshing),
        told("Redirected: Ask", &[start], redirected),
        told("Token: Follow", &[start, redirected], usable),
    ]
}
