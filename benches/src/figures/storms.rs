//! Figure 4, many requests: the cost of a storm of refused requests.

mod bars;
mod race;
mod run;
mod scenario;
mod tally;

use std::collections::BTreeMap;
use std::thread;

use super::Plan;
use crate::BoxError;
use crate::contender::{Contender, HeldTo, Role};
use crate::figure::{Figure, Row, Value};
use crate::progress::Progress;
use crate::statistics::Spread;
use crate::timeline::Timeline;
use race::Race;
use run::{Run, storm};
use scenario::Scenario;
use tally::Tally;

/// The sizes of storms, or fewer if a contender takes fewer callers.
const SIZES: [usize; 2] = [64, 1_000];

/// The storms with a recorded time line.
const DRAWN: usize = 64;

/// A scenario with this many requests, over the contender of this name.
type Key = (Scenario, usize, &'static str);

/// Everything that was measured.
#[derive(Debug, Default)]
struct Measured {
    /// For each storm: one run, or several.
    tallies: BTreeMap<Key, Vec<Tally>>,
    races: BTreeMap<(usize, &'static str), Race>,
}

pub(crate) fn measure(plan: &Plan) -> Result<Figure, BoxError> {
    let pairs = pairs(plan);
    let progress = Progress::new("storms", pairs.len() * Scenario::ALL.len());
    let mut measured = Measured::default();
    for (contender, size) in &pairs {
        progress.next(contender.name);
        let rounds = plan.effort.pick(3, if *size > DRAWN { 5 } else { 9 });
        let race = Race::run(&plan.target, contender, *size, rounds)?;
        for run in &race.storms {
            measured.add((Scenario::AtOnce, *size, contender.name), run);
        }
        measured.races.insert((*size, contender.name), race);
        for scenario in [
            Scenario::Trickling,
            Scenario::During,
            Scenario::InvalidGrant,
        ] {
            progress.next(contender.name);
            let run = storm(&plan.target, contender, scenario, *size)?;
            measured.add((scenario, *size, contender.name), &run);
        }
    }
    // It pauses for seconds, so those with few enough descriptors run together.
    let (few, many): (Vec<_>, Vec<_>) = pairs.iter().partition(|(_, size)| *size < 512);
    for together in [few, many] {
        progress.next("503");
        for (key, run) in all_at_once(plan, Scenario::Unavailable, &together)? {
            measured.add(key, &run);
        }
    }
    let mut rows = Vec::new();
    for scenario in Scenario::ALL {
        for (contender, size) in &pairs {
            rows.extend(measured.row(scenario, *size, contender));
        }
    }
    rows.sort_by_key(|(key, _)| *key);
    Ok(Figure {
        id: 4,
        title: "A storm of refused requests",
        columns: vec![
            "messages",
            "token calls",
            "answered",
            "errors",
            "ms",
            "bound, ms",
            "of the bound",
        ],
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        bars: bars::of(plan, &pairs, &measured),
        notes: notes(),
        timelines: measured.timelines(),
    })
}

/// Which contenders are measured with how many requests.
fn pairs(plan: &Plan) -> Vec<(&'static Contender, usize)> {
    let takes_part = |one: &&&'static Contender| match one.role {
        Role::Session(held_to) => held_to != HeldTo::Nothing,
        Role::Replaying => true,
        Role::Bare | Role::Plain => false,
    };
    let mut pairs = Vec::new();
    for size in SIZES {
        for contender in plan.contenders.iter().filter(takes_part) {
            let most = contender.limit.map_or(size, |limit| limit.callers);
            pairs.push((*contender, size.min(most)));
        }
    }
    pairs
}

/// Nothing in these depends on time.
fn all_at_once(
    plan: &Plan,
    scenario: Scenario,
    pairs: &[&(&'static Contender, usize)],
) -> Result<Vec<(Key, Run)>, BoxError> {
    thread::scope(|scope| {
        let begin = |(contender, size): &(&'static Contender, usize)| {
            let (contender, size) = (*contender, *size);
            let run = scope.spawn(move || storm(&plan.target, contender, scenario, size));
            ((scenario, size, contender.name), run)
        };
        let runs: Vec<_> = pairs.iter().copied().map(begin).collect();
        let end = |(key, run): (Key, thread::ScopedJoinHandle<'_, Result<Run, BoxError>>)| {
            Ok((key, run.join().map_err(|_| "a storm panicked")??))
        };
        runs.into_iter().map(end).collect()
    })
}

impl Measured {
    fn add(&mut self, key: Key, run: &Run) {
        self.tallies.entry(key).or_default().push(run.tally.clone());
    }

    fn row(
        &self,
        scenario: Scenario,
        size: usize,
        contender: &Contender,
    ) -> Option<((Scenario, usize), Row)> {
        let tallies = self.tallies.get(&(scenario, size, contender.name))?;
        let mut values = [
            |tally: &Tally| tally.messages,
            |tally: &Tally| tally.token_calls,
            |tally: &Tally| tally.answered,
            |tally: &Tally| tally.failed(),
        ]
        .map(|of| counted(tallies, of))
        .to_vec();
        let race = self.races.get(&(size, contender.name));
        if let (Scenario::AtOnce, Some(race)) = (scenario, race) {
            let spreads = [race.took(), race.bound(), race.ratio()];
            let spreads = spreads.into_iter().flatten();
            values.extend(spreads.map(|spread| Value::Spread(spread.rounded())));
        }
        let row = Row::new(&scenario.title(size), contender, values);
        Some(((scenario, size), row))
    }

    fn timelines(&self) -> Vec<Timeline> {
        let drawn = self.races.iter().filter(|((size, _), _)| *size == DRAWN);
        let timeline = |((_, name), race): (&(usize, &'static str), &Race)| {
            let (run, bound) = (race.storms.last()?, race.bounds.last()?);
            Some(Timeline::new(name, &run.record, run.took, *bound))
        };
        drawn.filter_map(timeline).collect()
    }
}

fn counted(tallies: &[Tally], of: fn(&Tally) -> usize) -> Value {
    let spread = Spread::of(tallies.iter().map(|tally| of(tally) as f64));
    spread.map_or_else(|| Value::NotMeasured(String::new()), Value::counted)
}

fn notes() -> Vec<String> {
    [
        "All requests of a storm are at the server, with a token that it refuses, before it \
         answers the first: messages are counted there. It holds each answer back for 20 \
         milliseconds, a token call that fails for none. Its refresh token rotates, and one that \
         comes twice ends the sign-in. Refusals that trickle in come over 200 milliseconds. Each \
         storm has a client of its own, which connects first.",
        "The bound is what the bare client takes for as many requests, then for a token call, then \
         for the requests again, over the same delays, taking turns with the storms. A token call \
         departs with the first refusal and not with the last, so that a storm can be below it. \
         Median and range.",
        "Behind a 503 a session asks twice more, after 1 and 2 seconds, while all its requests \
         wait. isahc has 256 requests where others have 1,000: libcurl waits with select. The \
         blocking session is the async one on a thread of its own, and not shown.",
    ]
    .map(str::to_owned)
    .to_vec()
}
