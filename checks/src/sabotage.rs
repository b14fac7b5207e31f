//! Defects planted on purpose, which the tests must catch.
//!
//! [`defects`] lists the defects, [`nets`] the groups of tests that look for them, and [`copy`] is
//! the copy of the project in which a defect is planted and the tests run.

mod copy;
mod defects;
mod nets;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::ProgressBar;

use crate::{Verdict, exit_code, progress};
use copy::{Copy, Tested};
use defects::Defect;
use nets::{NETS, Net};

const TICK: Duration = Duration::from_millis(100);

/// Look for planted defects that no test catches.
///
/// A test proves little until it has been seen to fail. Each defect changes one place in a copy of
/// this project, in `target/sabotage`. The tests then run there, one net after the other, until one
/// fails. A net is a group of tests: `tables`, `model` and `holders` check the state machines,
/// `driver`, `waiting` and `spans` the session without sockets, `simulator` sessions in a simulated world,
/// `sockets`, `middleware` and `blocking` the
/// adapter for reqwest, `isahc` the one for isahc, and `tls` both over TLS.
///
/// A row has the defect, the net that caught it, the seconds that this took with the build, and the
/// test that failed. SURVIVED means that every net missed the defect.
///
/// The tests must pass before: a test that fails anyway seems to catch everything. All defects take
/// hours; the canaries, one or more for each net, take minutes.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Only the defects whose name contains this text
    #[arg(default_value = "", hide_default_value = true)]
    name: String,

    /// Only the canaries, each with the one net that must catch it
    #[arg(long)]
    canary: bool,

    /// Only the canaries of these nets, separated by commas
    #[arg(long, value_name = "NETS", value_delimiter = ',', requires = "canary")]
    net: Vec<String>,

    /// Only the defects that the simulator must find by itself
    #[arg(long, conflicts_with = "canary")]
    simulated: bool,

    /// List the defects and the nets whose canaries they are, and plant none
    #[arg(long)]
    list: bool,
}

pub(crate) fn run(options: &Options) -> ExitCode {
    exit_code(all(options))
}

fn all(options: &Options) -> Result<Verdict, String> {
    let is_net = |name: &&String| NETS.iter().any(|net| net.name == *name);
    if let Some(unknown) = options.net.iter().find(|name| !is_net(name)) {
        let nets: Vec<_> = NETS.iter().map(|net| net.name).collect();
        let nets = nets.join(", ");
        return Err(format!("there is no net {unknown:?}: the nets are {nets}"));
    }
    let of_a_net = |defect: &Defect| {
        let mut nets = options.net.iter();
        options.net.is_empty() || nets.any(|net| Some(net.as_str()) == defect.canary)
    };
    let mut chosen: Vec<_> = defects::all()
        .filter(|defect| defect.name.contains(&options.name))
        .filter(|defect| !options.canary || defect.canary.is_some())
        .filter(|defect| !options.simulated || defect.simulated)
        .filter(|defect| of_a_net(defect))
        .collect();
    if chosen.is_empty() {
        let name = &options.name;
        return Err(format!("no defect's name contains {name:?}: see --list"));
    }
    if options.canary {
        // Nets that share a build follow each other.
        chosen.sort_by_key(|defect| NETS.iter().position(|net| Some(net.name) == defect.canary));
    }
    let bar = progress::bar(chosen.len(), "defects");
    if options.list {
        for defect in chosen {
            let canary = defect.canary.unwrap_or_default();
            progress::print(&bar, &format!("{canary:<10}  {}", defect.name));
        }
        return Ok(Verdict::Kept);
    }
    let copy = Copy::new()?;
    for defect in &chosen {
        copy.place(defect)?;
    }
    bar.enable_steady_tick(TICK);
    let mut survivors = 0;
    for (number, defect) in (1..).zip(&chosen) {
        let started = Instant::now();
        let nets = NETS.iter().filter(|net| match defect.canary {
            _ if options.simulated => net.name == "simulator",
            Some(only) if options.canary => net.name == only,
            Some(_) | None => true,
        });
        let caught = catch(&copy, defect, nets, &bar)?;
        let seconds = started.elapsed().as_secs_f32();
        let (net, test) = caught.unwrap_or_else(|| {
            survivors += 1;
            ("SURVIVED", String::new())
        });
        let (name, many) = (defect.name, chosen.len());
        let row = format!("{number:>3}/{many}  {name:<60}  {net:<10}  {seconds:>5.1} s  {test}");
        progress::print(&bar, row.trim_end());
        bar.inc(1);
    }
    bar.finish_and_clear();
    let many = chosen.len();
    progress::print(&bar, &format!("{many} defects, {survivors} survivors"));
    Ok(Verdict::of(survivors == 0))
}

/// The first of these nets that catches the defect, and its test that fails.
fn catch<'n>(
    copy: &Copy,
    defect: &Defect,
    nets: impl Iterator<Item = &'n Net>,
    bar: &ProgressBar,
) -> Result<Option<(&'static str, String)>, String> {
    copy.plant(defect)?;
    let mut caught = None;
    for net in nets {
        bar.set_message(format!("{}: {}", net.name, defect.name));
        match copy.test(net)? {
            Tested::Passed => {}
            Tested::Failed(test) => {
                caught = Some((net.name, test));
                break;
            }
            Tested::NotBuilt(error) => {
                let (name, net) = (defect.name, net.name);
                return Err(format!("{name}: the net {net} does not build: {error}"));
            }
        }
    }
    copy.mend(defect)?;
    Ok(caught)
}
