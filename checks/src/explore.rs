//! Walks every world that the machines can reach, and checks the promises in each.
//!
//! `cargo run --release -p reauth --features model --example explore -- --help`

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use reauth::model::explore::explore;
use reauth::model::{Budget, Lifetime, Setup};

/// Walks every world that the machines can reach, and checks the promises in each.
///
/// A walk has so many requests, and so many of each thing that can go wrong; all orders of all
/// of them are tried. It prints states, transitions and depth; where a promise does not hold, the
/// shortest story of it, step by step, and exits with 1. Each more of anything multiplies the
/// states: four requests take two million, and with a sign-out and a revocation beside many times that.
#[derive(Parser)]
#[command(name = "explore")]
struct Options {
    /// Requests
    #[arg(long, default_value_t = 3)]
    requests: u16,

    /// Requests with a body that can be sent once
    #[arg(long, default_value_t = 0)]
    once: u16,

    /// Requests to a second origin
    #[arg(long, default_value_t = 0)]
    second: u16,

    /// Access tokens that the server stops accepting
    #[arg(long, default_value_t = 1)]
    expiries: u16,

    /// 401s whatever the token
    #[arg(long, default_value_t = 1)]
    hostile: u16,

    /// Connections to the resource server that break
    #[arg(long, default_value_t = 0)]
    broken: u16,

    /// Faults of the token server
    #[arg(long, default_value_t = 1)]
    faults: u16,

    /// Faults of the store
    #[arg(long, default_value_t = 0)]
    store_faults: u16,

    /// Callers that give up
    #[arg(long, default_value_t = 1)]
    leaves: u16,

    /// Sign-ins
    #[arg(long, default_value_t = 1)]
    sign_ins: u16,

    /// Sign-outs
    #[arg(long, default_value_t = 0)]
    sign_outs: u16,

    /// Refresh tokens that are revoked
    #[arg(long, default_value_t = 0)]
    revocations: u16,

    /// Refreshes by another process that shares the store
    #[arg(long, default_value_t = 0)]
    elsewhere: u16,

    /// Passages of time, where access tokens expire by the clock
    #[arg(long, default_value_t = 0)]
    time: u16,

    /// Redirects, to where the token may go and to strangers
    #[arg(long, default_value_t = 0)]
    redirects: u16,

    /// Only this one of the 30 setups, from 0
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..30))]
    setup: Option<u8>,
}

/// A reader of the output that has gone is no reason to panic.
macro_rules! tell {
    ($($told:tt)*) => {
        _ = writeln!(io::stdout(), $($told)*)
    };
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
        budget.store_faults = self.store_faults;
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

fn main() -> ExitCode {
    let options = Options::parse();
    let budget = options.budget();
    tell!("    states  transitions  depth  seconds  setup");
    for (number, setup) in (0..).zip(Setup::ALL) {
        // Without passages of time an expiry by the clock makes no difference.
        let differs = budget.time > 0 || setup.lifetime == Lifetime::Unknown;
        if options.setup.is_some_and(|only| only != number) || !differs {
            continue;
        }
        let started = Instant::now();
        match explore(setup, budget) {
            Ok(explored) => tell!(
                "{:>10}  {:>11}  {:>5}  {:>7.1}  {setup:?}",
                explored.states,
                explored.transitions,
                explored.depth,
                started.elapsed().as_secs_f32(),
            ),
            Err(broken) => {
                tell!("\n{broken}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
