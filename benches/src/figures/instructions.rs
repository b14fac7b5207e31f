//! Figure 1: instructions of a request on the happy path, by callgrind.

use std::collections::BTreeMap;

use super::Plan;
use super::surcharges::{Counts, Surcharges};
use crate::BoxError;
use crate::ask::Case;
use crate::callgrind;
use crate::child::Series;
use crate::contender::Contender;
use crate::figure::{Figure, Row, Value};
use crate::progress::Progress;
use crate::statistics::Spread;

/// Series of each case in one run.
const ROUNDS: usize = 2;

/// Instructions for each request, by series.
type Samples = BTreeMap<(Case, &'static str), Vec<f64>>;

pub(crate) fn measure(plan: &Plan) -> Result<Figure, BoxError> {
    let missing = callgrind::missing();
    let samples = match missing {
        None => samples(plan)?,
        Some(_) => Samples::new(),
    };
    let spread = |samples: &Vec<f64>| Spread::of(samples.iter().copied());
    let spreads = samples
        .iter()
        .filter_map(|(key, samples)| Some((*key, spread(samples)?)));
    let spreads: Counts = spreads.collect();
    let surcharges = Surcharges {
        unit: "instructions",
        most: 1_500.0,
        plan,
        counts: &spreads,
    };
    let why = missing.clone().unwrap_or_default();
    let absent = || [why.clone(), String::new()].map(Value::NotMeasured);
    let row = |case: Case, contender: &'static Contender| {
        let values = surcharges.values(contender, case).unwrap_or_else(absent);
        Row::new(&case.title(), contender, values.into())
    };
    let mut notes = vec![
        "Of all threads of the client's process, not of the kernel, one request at a time. Each \
         answer is held back for a millisecond, so that the client always waits for it: counts of \
         one thread are then the same from run to run, those of isahc and of the blocking clients \
         wander with the order in which their threads run. Median and range of several series; what \
         is more than bare, between the nearest and the furthest of both."
            .to_owned(),
    ];
    notes.extend(missing.as_ref().map(|why| format!("NOT MEASURED: {why}.")));
    Ok(Figure {
        id: 1,
        title: "Instructions of a request on the happy path",
        columns: vec!["instructions", "more than bare"],
        rows: plan.rows(&Case::ALL, row),
        bars: surcharges.bars(),
        notes,
        timelines: Vec::new(),
    })
}

/// Contender after contender, and all of them again.
fn samples(plan: &Plan) -> Result<Samples, BoxError> {
    let mut samples = Samples::new();
    let passes = plan.effort.pick(1, 3);
    let progress = Progress::new("instructions", passes * plan.contenders.len());
    for _ in 0..passes {
        for contender in &plan.contenders {
            progress.next(contender.name);
            let series = Series {
                contender: contender.name.to_owned(),
                origin: plan.target.origin.clone(),
                path: "/ok?pause=1".to_owned(),
                rounds: ROUNDS,
                requests: plan.effort.pick(20, 30),
            };
            let counts = callgrind::instructions(&series.arguments())?;
            for (case, counts) in series.by_case(&counts)? {
                let each = |count: &u64| (*count as f64 / series.requests as f64).round();
                let samples = samples.entry((case, contender.name)).or_default();
                samples.extend(counts.iter().map(each));
            }
        }
    }
    Ok(samples)
}
