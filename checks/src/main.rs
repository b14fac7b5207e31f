//! Programs that look for defects: `cargo run --release -p reauth-checks -- --help`.
//!
//! Each subcommand is one module, with its options and `run`. They share a [`server`], which
//! records what reached it, and a [`client`], which is a real HTTP client over real sockets.

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

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Look for defects in sessions, with real clients over real sockets on this machine.
///
/// The exit status is 0 if no defect was found, 1 if one was, and 2 if the options are wrong or
/// the program could not run.
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
    Sabotage(sabotage::Options),
}

fn main() -> ExitCode {
    match Cli::parse().check {
        Check::Outage(options) => outage::run(&options),
        Check::Idle(options) => idle::run(&options),
        Check::Http2(options) => http2::run(&options),
        Check::Explore(options) => explore::run(&options),
        Check::Sabotage(options) => sabotage::run(&options),
    }
}

/// What a program ends with.
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

/// Whether what a program looks for holds.
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
