//! What a session costs, beside its bare client and what else there is: counts and ratios, all
//! from one command.
//!
//! A `figure` is measured over `contenders`, each a `Client` behind a `Load`, which sends `Ask`s to
//! a `server` in a process of its own.

#![expect(
    dead_code,
    reason = "the kit comes before the contenders that need all of it"
)]

mod allocator;
mod ask;
mod callgrind;
mod child;
mod contender;
mod contenders;
mod figure;
mod figures;
mod load;
mod options;
mod progress;
mod server;
mod statistics;
mod table;
mod target;

use std::process::ExitCode;

use clap::Parser;

use options::{Hidden, Options};
use server::ServerProcess;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match &options.hidden {
        Some(Hidden::Serve) => server::serve(),
        Some(Hidden::Child(series)) => child::run(series),
        None => measure(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Result<(), BoxError> {
    let server = ServerProcess::start()?;
    let plan = options.plan(&server)?;
    let mut measured = Vec::new();
    for name in options.figures() {
        measured.push(name.measure(&plan)?);
    }
    options.print(&measured)
}
