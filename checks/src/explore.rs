//! Every state that the state machines can reach, with the promises checked in each.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, value_parser};
use indicatif::ProgressBar;
use reauth::model::explore::{Explored, explore};
use reauth::model::holders::{HolderBudget, HolderSetup, explore_holders};
use reauth::model::{Budget, Lifetime, Setup};

use crate::{Verdict, exit_code, progress};

const TICK: Duration = Duration::from_millis(100);
const HEAD: &str = "    states  transitions  depth  seconds  setup";

/// Look for a state of the machines in which a promise is broken, among all that can be reached.
///
/// The state machines of `reauth` run in a model of their world: requests, servers, a store and
/// other processes. The options say how many requests there are, and how often each kind of event
/// may happen. The explorer tries every order of all events, visits each state once, and checks
/// the promises there. It does so in 30 setups: how the token server rotates refresh tokens,
/// whether tasks can be spawned, and so on. 16 of them need `--time`.
///
/// A row has the number of states, the number of transitions between them, and the depth: the
/// number of steps to the state that is farthest from the start. If a promise is broken, the
/// explorer prints the shortest sequence of steps that breaks it, and stops.
///
/// The number of states grows by a factor with each event that is added: the defaults make about
/// 175,000 for a setup, and a fourth request 1,400,000. `--setup 0` explores one setup alone.
///
/// With `--holders`, the world is another one: sessions that share the record of a store, with
/// crashes, stalls, clocks, a store and a token server that fail, sign-ins and sign-outs. It has
/// seven setups, which are explored with several fixed budgets of these events. The options about
/// requests have no meaning there. `--lease` prints how a session is lost if a lease takes the place
/// of the claim.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Requests to the first origin
    #[arg(long, value_name = "N", default_value_t = 3)]
    requests: u16,

    /// Requests with a body that can be sent only once
    #[arg(long, value_name = "N", default_value_t = 0)]
    once: u16,

    /// Requests to a second origin
    #[arg(long, value_name = "N", default_value_t = 0)]
    second: u16,

    /// Access tokens that the server stops accepting
    #[arg(long, value_name = "N", default_value_t = 1)]
    expiries: u16,

    /// 401s to a token that is valid
    #[arg(long, value_name = "N", default_value_t = 1)]
    hostile: u16,

    /// Broken connections to the resource server
    #[arg(long, value_name = "N", default_value_t = 0)]
    broken: u16,

    /// Failed calls of the token server
    #[arg(long, value_name = "N", default_value_t = 1)]
    faults: u16,

    /// Requests that their callers cancel
    #[arg(long, value_name = "N", default_value_t = 1)]
    leaves: u16,

    /// Sign-ins
    #[arg(long, value_name = "N", default_value_t = 1)]
    sign_ins: u16,

    /// Sign-outs
    #[arg(long, value_name = "N", default_value_t = 0)]
    sign_outs: u16,

    /// Revocations of the refresh token
    #[arg(long, value_name = "N", default_value_t = 0)]
    revocations: u16,

    /// Refreshes by another process that shares the store
    #[arg(long, value_name = "N", default_value_t = 0)]
    elsewhere: u16,

    /// Steps of the clock; from 1 on also the setups whose access tokens have a lifetime
    #[arg(long, value_name = "N", default_value_t = 0)]
    time: u16,

    /// Redirects, to origins of the session and to others
    #[arg(long, value_name = "N", default_value_t = 0)]
    redirects: u16,

    /// Holders of one record, instead of requests of one session
    #[arg(long, value_name = "N", value_parser = value_parser!(u8).range(2..4))]
    holders: Option<u8>,

    /// With `--holders`: print how a session is lost under a lease
    #[arg(long, requires = "holders")]
    lease: bool,

    /// Only the setup of this number, from 0 to 29; with `--holders` from 0 to 6
    #[arg(long, value_name = "NUMBER", value_parser = value_parser!(u8).range(0..30))]
    setup: Option<u8>,
}

impl Options {
    fn budget(&self) -> Budget {
        let mut budget = Budget::NOTHING;
        budget.requests = self.requests;
        budget.once = self.once;
        budget.second = self.second;
        budget.at_once = (self.requests + self.once + self.second).max(1);
        budget.expiries = self.expiries;
        budget.hostile = self.hostile;
        budget.broken = self.broken;
        budget.faults = self.faults;
        budget.leaves = self.leaves;
        budget.sign_ins = self.sign_ins;
        budget.sign_outs = self.sign_outs;
        budget.revocations = self.revocations;
        budget.elsewhere = self.elsewhere;
        budget.time = self.time;
        budget.redirects = self.redirects;
        budget
    }
}

pub(crate) fn run(options: &Options) -> ExitCode {
    exit_code(all(options))
}

fn all(options: &Options) -> Result<Verdict, String> {
    match options.holders {
        Some(holders) if options.lease => lease(holders),
        Some(holders) => all_holders(options, holders),
        None => all_requests(options),
    }
}

/// Prints the story that the claim prevents.
fn lease(holders: u8) -> Result<Verdict, String> {
    match explore_holders(HolderSetup::LEASE, holders, HolderBudget::LEASE) {
        Ok(_) => Err("no session is lost under a lease".to_owned()),
        Err(broken) => {
            progress::line(&broken.to_string());
            Ok(Verdict::Kept)
        }
    }
}

fn all_holders(options: &Options, holders: u8) -> Result<Verdict, String> {
    let chosen = |number: u8| options.setup.is_none_or(|only| only == number);
    let setups = (0..)
        .zip(HolderSetup::ALL)
        .filter(|(number, _)| chosen(*number));
    let setups: Vec<HolderSetup> = setups.map(|(_, setup)| setup).collect();
    if setups.is_empty() {
        return Err("with --holders, the setups are 0 to 6".to_owned());
    }
    let plans = HolderBudget::plans(holders);
    let bar = progress::bar(plans.len() * setups.len(), "setups");
    bar.enable_steady_tick(TICK);
    progress::print(&bar, HEAD);
    let (mut states, mut transitions, mut depth) = (0, 0, 0);
    for plan in plans {
        progress::print(&bar, &format!("{plan}"));
        for setup in &setups {
            let started = Instant::now();
            match explore_holders(*setup, holders, *plan) {
                Ok(explored) => {
                    states += explored.states;
                    transitions += explored.transitions;
                    depth = depth.max(explored.depth);
                    print_row(&bar, explored, started, &setup.to_string());
                }
                Err(broken) => {
                    progress::print(&bar, &format!("\n{broken}"));
                    return Ok(Verdict::Broken);
                }
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    progress::line(&format!(
        "{states} states, {transitions} transitions, depth {depth}"
    ));
    Ok(Verdict::Kept)
}

fn print_row(bar: &ProgressBar, explored: Explored, started: Instant, setup: &str) {
    let row = format!(
        "{:>10}  {:>11}  {:>5}  {:>7.1}  {setup}",
        explored.states,
        explored.transitions,
        explored.depth,
        started.elapsed().as_secs_f32(),
    );
    progress::print(bar, &row);
}

fn all_requests(options: &Options) -> Result<Verdict, String> {
    let budget = options.budget();
    let chosen: Vec<Setup> = (0..)
        .zip(Setup::ALL)
        .filter(|(number, setup)| {
            // Without steps of the clock an expiry by the clock makes no difference.
            let differs = budget.time > 0 || setup.lifetime == Lifetime::Unknown;
            differs && options.setup.is_none_or(|only| only == *number)
        })
        .map(|(_, setup)| setup)
        .collect();
    if chosen.is_empty() {
        return Err("this setup needs --time 1 or more: its tokens expire by the clock".to_owned());
    }
    let bar = progress::bar(chosen.len(), "setups");
    bar.enable_steady_tick(TICK);
    progress::print(&bar, HEAD);
    for setup in chosen {
        let started = Instant::now();
        match explore(setup, budget) {
            Ok(explored) => {
                print_row(&bar, explored, started, &format!("{setup:?}"));
            }
            Err(broken) => {
                progress::print(&bar, &format!("\n{broken}"));
                return Ok(Verdict::Broken);
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(Verdict::Kept)
}
