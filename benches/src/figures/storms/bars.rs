//! The bars of the sessions.

use super::scenario::Scenario;
use super::tally::Tally;
use super::{Key, Measured};
use crate::contender::Contender;
use crate::figure::{Bar, Verdict};
use crate::figures::Plan;

/// The limit, as a multiple of the bound.
const LONGEST: f64 = 1.05;

pub(super) fn of(plan: &Plan, pairs: &[(&'static Contender, usize)], all: &Measured) -> Vec<Bar> {
    let mut bars = Vec::new();
    for contender in plan.barred() {
        let sizes = pairs
            .iter()
            .filter(|(other, _)| other.name == contender.name);
        let sizes: Vec<_> = sizes.map(|(_, size)| *size).collect();
        let counts = |scenario| count(contender, scenario, &sizes, all);
        bars.extend(Scenario::ALL.map(counts));
        bars.extend(sizes.iter().map(|size| time(contender, *size, all)));
    }
    bars
}

/// Checks each storm of each size, to the message.
fn count(contender: &Contender, scenario: Scenario, sizes: &[usize], all: &Measured) -> Bar {
    let claim = format!("{}: {}", contender.name, claim(scenario));
    let mut said = Vec::new();
    let mut met = true;
    for size in sizes {
        let key: Key = (scenario, *size, contender.name);
        for tally in all.tallies.get(&key).map_or(&[][..], Vec::as_slice) {
            let kept = holds(tally, scenario, *size);
            met &= kept;
            let text = describe(tally, *size);
            if !said.contains(&text) {
                said.push(text);
            }
        }
    }
    if said.is_empty() {
        return Bar::not_measured(claim);
    }
    Bar {
        claim,
        measured: said.join("; "),
        verdict: Verdict::of(met),
    }
}

fn claim(scenario: Scenario) -> &'static str {
    match scenario {
        Scenario::AtOnce => "a storm of N costs N + 1 + N messages",
        Scenario::Trickling => "so does one whose refusals trickle in",
        Scenario::During => "requests that come during the refresh cost one message each",
        Scenario::InvalidGrant => "a refused refresh costs one token call, and a typed error each",
        Scenario::Unavailable => "503s cost what the retries allow, 3, and a typed error each",
    }
}

fn holds(tally: &Tally, scenario: Scenario, size: usize) -> bool {
    let ends = match scenario.error() {
        None => tally.answered == size + scenario.late(size) && tally.errors.is_empty(),
        Some(kind) => {
            tally.answered == 0 && tally.errors.len() == 1 && tally.errors.get(kind) == Some(&size)
        }
    };
    tally.messages == scenario.messages(size) && tally.reused == 0 && ends
}

fn describe(tally: &Tally, size: usize) -> String {
    let mut text = format!("{} of {size}", tally.messages);
    if tally.late_refusals > 0 {
        text += &format!(", {} refusals behind the refresh", tally.late_refusals);
    }
    if tally.reused > 0 {
        text += &format!(", {} spent refresh tokens sent again", tally.reused);
    }
    for (kind, times) in &tally.errors {
        text += &format!(", {times} {kind}");
    }
    text
}

fn time(contender: &Contender, size: usize, all: &Measured) -> Bar {
    let name = contender.name;
    let claim = format!("{name}: a storm of {size} takes at most {LONGEST} of its bound");
    let race = all.races.get(&(size, name));
    let spreads = race.and_then(|race| Some((race.ratio()?, race.noise()?)));
    match spreads {
        None => Bar::not_measured(claim),
        Some((ratio, noise)) => Bar {
            claim,
            measured: format!(
                "{:.3} ({:.3}..{:.3}), of a bound that is {:.3}..{:.3} of itself",
                ratio.median, ratio.low, ratio.high, noise.low, noise.high
            ),
            verdict: Verdict::of(ratio.median <= LONGEST),
        },
    }
}
