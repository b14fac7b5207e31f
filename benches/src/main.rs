//! Measures what a session costs, compared with its bare client and with other crates: counts and
//! ratios, all from one command.
//!
//! A `figure` measures `contenders`. Each is a `Client` behind a `Load`, which sends `Ask`s to a
//! `server` in its own process.

mod allocator;
mod alone;
mod ask;
mod callgrind;
mod child;
mod contender;
mod contenders;
mod cpu_clock;
mod descriptors;
mod figure;
mod figures;
mod guard;
mod load;
mod options;
mod plot;
mod progress;
mod report;
mod server;
mod statistics;
mod table;
mod target;
mod timeline;

use std::process::ExitCode;

use clap::Parser;

use options::{Hidden, Options};
use report::Report;
use server::ServerProcess;
use target::Target;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match &options.hidden {
        Some(Hidden::Serve) => server::serve(),
        Some(Hidden::Child(series)) => child::run(series),
        Some(Hidden::Alone { whose }) => whose.run(),
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
    descriptors::raise_limit()?;
    let mut report = Report::open(options.json.as_deref(), options.plots.as_deref())?;
    let server = ServerProcess::start()?;
    match (options.guard, options.update) {
        (false, _) => {}
        (true, false) => return guard::check(&server),
        (true, true) => return guard::update(&server),
    }
    let plan = options.plan(Target::new(server.origin()));
    for figure in options.figures() {
        report.add(figure.measure(&plan)?)?;
    }
    report.close()
}
