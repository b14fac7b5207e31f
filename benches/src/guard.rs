//! Compares the sessions' counts with recorded ones, so that an increase is noticed the same day.
//! Only the difference to bare counts, so a release of a client changes nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{Write, stdout};

use serde::{Deserialize, Serialize};

use crate::contender::{Contender, Role, Threads};
use crate::figure::Figure;
use crate::figures::{Effort, FigureName, Plan};
use crate::server::ServerProcess;
use crate::target::Target;
use crate::{BoxError, callgrind, contenders};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/guard.json");

/// The counted units.
#[derive(Clone, Copy)]
enum Unit {
    Allocations,
    Instructions,
}

/// The difference to bare, by contender and case.
type Counts = BTreeMap<String, BTreeMap<String, f64>>;

/// The profile of the build: counts of one say nothing about the other.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Profile {
    Dev,
    Release,
}

impl Profile {
    const OURS: Self = if cfg!(debug_assertions) {
        Self::Dev
    } else {
        Self::Release
    };
}

#[derive(Debug, Deserialize, Serialize)]
struct Recorded {
    profile: Profile,
    allocations: Counts,
    instructions: Counts,
}

/// Fails if a count has grown.
pub(crate) fn check(server: &ServerProcess) -> Result<(), BoxError> {
    let recorded: Recorded = serde_json::from_slice(&fs::read(FILE)?)?;
    if recorded.profile != Profile::OURS {
        return Err(
            "guard.json has the counts of a build with the other profile: \
                    `cargo run -p reauth-benches -- --guard`, without --release"
                .into(),
        );
    }
    let measured = measure(server)?;
    let mut wrong = 0;
    wrong += compare(
        Unit::Allocations,
        &recorded.allocations,
        &measured.allocations,
    )?;
    match callgrind::missing() {
        None => {
            wrong += compare(
                Unit::Instructions,
                &recorded.instructions,
                &measured.instructions,
            )?
        }
        Some(why) => writeln!(stdout(), "instructions NOT CHECKED: {why}")?,
    }
    match wrong {
        0 => Ok(()),
        wrong => Err(format!("{wrong} counts have grown, or come or gone").into()),
    }
}

/// Records the counts. Without valgrind, instructions keep their recorded values.
pub(crate) fn update(server: &ServerProcess) -> Result<(), BoxError> {
    let mut measured = measure(server)?;
    if let Some(why) = callgrind::missing() {
        let recorded: Recorded = serde_json::from_slice(&fs::read(FILE)?)?;
        measured.instructions = recorded.instructions;
        writeln!(stdout(), "instructions left as they were: {why}")?;
    }
    fs::write(FILE, serde_json::to_string_pretty(&measured)? + "\n")?;
    Ok(writeln!(stdout(), "written: {FILE}")?)
}

fn measure(server: &ServerProcess) -> Result<Recorded, BoxError> {
    let figure = |name: FigureName, takes: fn(&Contender) -> bool| {
        name.measure(&plan(server, takes))
            .map(|figure| counts(&figure))
    };
    Ok(Recorded {
        profile: Profile::OURS,
        allocations: figure(FigureName::Allocations, |_| true)?,
        // Those of the others vary more than a regression would.
        instructions: figure(FigureName::Instructions, |session| {
            session.threads == Threads::Callers
        })?,
    })
}

/// Sessions and their baselines.
fn plan(server: &ServerProcess, takes: fn(&Contender) -> bool) -> Plan {
    let is_session = |one: &&Contender| matches!(one.role, Role::Session(_)) && takes(one);
    let sessions: Vec<_> = contenders::ALL.iter().filter(is_session).collect();
    let of_session = |one: &&Contender| {
        let mut sessions = sessions.iter();
        sessions.any(|session| [session.name, session.baseline].contains(&one.name))
    };
    Plan {
        target: Target::new(server.origin()),
        contenders: contenders::ALL.iter().filter(of_session).collect(),
        effort: Effort::Quick,
    }
}

fn counts(figure: &Figure) -> Counts {
    let mut counts = Counts::new();
    for row in &figure.rows {
        if let Some(more) = row.more() {
            let cases = counts.entry(row.subject.clone()).or_default();
            cases.insert(row.case.clone(), (more * 100.0).round() / 100.0);
        }
    }
    counts
}

/// How many counts have grown, or are on one side only.
fn compare(unit: Unit, recorded: &Counts, measured: &Counts) -> Result<usize, BoxError> {
    let mut out = stdout();
    let (mut checked, mut wrong, mut shrunk) = (0, 0, 0);
    for (contender, cases) in recorded {
        let measured = measured.get(contender);
        let gone = |case: &&String| !measured.is_some_and(|cases| cases.contains_key(*case));
        for case in cases.keys().filter(gone) {
            wrong += 1;
            writeln!(
                out,
                "{contender}, {case}: {unit} in the guard, and none now"
            )?;
        }
    }
    for (contender, cases) in measured {
        let threads = contenders::named(contender)?.threads;
        for (case, now) in cases {
            let then = recorded.get(contender).and_then(|cases| cases.get(case));
            let Some(then) = then else {
                wrong += 1;
                writeln!(
                    out,
                    "{contender}, {case}: {now:+} {unit}, and none in the guard"
                )?;
                continue;
            };
            checked += 1;
            let slack = slack(unit, threads, *then);
            if *now > then + slack {
                wrong += 1;
                writeln!(
                    out,
                    "{contender}, {case}: {now:+} {unit}, and {then:+} in the guard"
                )?;
            }
            shrunk += usize::from(*now < then - slack);
        }
    }
    writeln!(
        out,
        "{unit}: {checked} compared, {wrong} wrong, {shrunk} have shrunk"
    )?;
    if shrunk > 0 {
        writeln!(out, "record the new counts with: --guard --update")?;
    }
    Ok(wrong)
}

/// How far a count may be from the recorded one.
fn slack(unit: Unit, threads: Threads, recorded: f64) -> f64 {
    match (unit, threads) {
        (Unit::Instructions, Threads::Callers | Threads::Own) => 150.0 + 0.05 * recorded.abs(),
        (Unit::Allocations, Threads::Callers) => 0.5,
        (Unit::Allocations, Threads::Own) => 1.5,
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allocations => "allocations",
            Self::Instructions => "instructions",
        })
    }
}
