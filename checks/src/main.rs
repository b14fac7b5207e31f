//! Programs that look for defects: `cargo run --release -p reauth-checks -- --help`.
//!
//! Each subcommand is a module with its `Options` and `run`. [`outage`], [`idle`] and [`http2`] use
//! real HTTP clients over real sockets; the first two share a [`server`], which records what reached
//! it, and a [`client`]. [`explore`] walks the model of the state machines, [`simulate`] runs real
//! sessions in a simulated world, and [`sabotage`] tests the tests.

mod account;
mod client;
mod descriptors;
mod explain;
mod explore;
mod http2;
mod idle;
mod outage;
mod progress;
mod sabotage;
mod server;
mod simulate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Programs that look for defects in reauth, on this machine alone.
///
/// The exit status is 0 if no defect was found, 1 if one was found, and 2 if the options are wrong
/// or the program could not run.
#[derive(Parser)]
#[command(name = "reauth-checks", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    check: Check,
}

#[derive(Subcommand)]
enum Check {
    Outage(outage::Options),
    Idle(idle::Options),
    Http2(http2::Options),
    Explore(explore::Options),
    Simulate(simulate::Options),
    Sabotage(sabotage::Options),
}

fn main() -> ExitCode {
    match Cli::parse().check {
        Check::Outage(options) => outage::run(&options),
        Check::Idle(options) => idle::run(&options),
        Check::Http2(options) => http2::run(&options),
        Check::Explore(options) => explore::run(&options),
        Check::Simulate(options) => simulate::run(&options),
        Check::Sabotage(options) => sabotage::run(&options),
    }
}

/// The exit status of a program.
fn exit_code(result: Result<Verdict, String>) -> ExitCode {
    match result {
        Ok(Verdict::Kept) => ExitCode::SUCCESS,
        Ok(Verdict::Broken) => ExitCode::FAILURE,
        Err(wrong) => {
            eprintln!("error: {wrong}");
            ExitCode::from(2)
        }
    }
}

/// Whether a program found a defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Kept,
    Broken,
}

impl Verdict {
    fn of(kept: bool) -> Self {
        if kept { Self::Kept } else { Self::Broken }
    }

    /// The worse of two.
    fn and(self, other: Self) -> Self {
        Self::of(self == Self::Kept && other == Self::Kept)
    }
}
