//! Searches all runs of a plan that depart from the usual order a few times.

use crate::choices::{Choices, Kind};
use crate::simulation::{Run, Scope, run};

/// How far the runs of a search depart from the usual.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How often something happens that is not next in the usual order.
    pub departures: u8,
    /// How often something goes wrong.
    pub faults: u8,
}

/// What a search found.
#[derive(Debug)]
pub struct Searched {
    /// How many runs there were.
    pub runs: u64,
    /// How many steps they took together.
    pub steps: u64,
    /// A run that broke a promise, with the fewest departures.
    pub broken: Option<Run>,
}

/// Runs all orders of a plan within the limits, and calls `watch` after each run.
pub fn search(scope: &Scope, limits: Limits, mut watch: impl FnMut(&Run)) -> Searched {
    let mut found = Searched {
        runs: 0,
        steps: 0,
        broken: None,
    };
    // First those with the fewest departures: the first that breaks a promise is the shortest.
    let mut level = vec![(Vec::new(), limits)];
    while !level.is_empty() {
        let mut next = Vec::new();
        for (prefix, left) in level {
            let fixed = prefix.len();
            let this = run(scope, Choices::given(prefix));
            found.runs += 1;
            found.steps += this.steps;
            watch(&this);
            if this.violation.is_some() {
                found.broken = Some(this);
                return found;
            }
            let bytes = this.bytes();
            for (place, made) in this.choices.iter().enumerate().skip(fixed) {
                let left = match made.kind {
                    Kind::Fault if left.faults > 0 => Limits {
                        faults: left.faults - 1,
                        ..left
                    },
                    Kind::Order | Kind::Idle | Kind::Detail if left.departures > 0 => Limits {
                        departures: left.departures - 1,
                        ..left
                    },
                    _ => continue,
                };
                for option in 1..made.options {
                    let mut prefix = bytes[..place].to_vec();
                    prefix.push(option);
                    next.push((prefix, left));
                }
            }
        }
        level = next;
    }
    found
}
