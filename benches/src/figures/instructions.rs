//! Figure 1: instructions of a request on the happy path, by callgrind.

use std::collections::BTreeMap;

use super::Plan;
use crate::BoxError;
use crate::ask::Case;
use crate::callgrind;
use crate::child::Series;
use crate::figure::{Figure, Row, Value};
use crate::progress::Progress;
use crate::statistics::Spread;

type Counts = BTreeMap<(Case, &'static str), Spread>;

pub(crate) fn measure(plan: &Plan) -> Result<Figure, BoxError> {
    let series = |contender: &'static str| Series {
        contender: contender.to_owned(),
        origin: plan.target.origin.clone(),
        rounds: plan.effort.pick(3, 5),
        requests: plan.effort.pick(20, 50),
    };
    let missing = callgrind::missing();
    let mut counts = Counts::new();
    let progress = Progress::new("instructions", plan.contenders.len());
    for contender in &plan.contenders {
        progress.next(contender.name);
        if missing.is_none() {
            count(&series(contender.name), contender.name, &mut counts)?;
        }
    }
    let mut rows = Vec::new();
    for case in Case::ALL {
        for contender in &plan.contenders {
            let median = |name| {
                counts
                    .get(&(case, name))
                    .map(|spread: &Spread| spread.median)
            };
            let absent = || Value::NotMeasured(missing.clone().unwrap_or_default());
            let own = counts.get(&(case, contender.name));
            let more = median(contender.name).zip(median(contender.baseline));
            let more = match more {
                Some(_) if contender.is_bare() => Value::Itself,
                Some((own, baseline)) => Value::More(own - baseline),
                None => absent(),
            };
            rows.push(Row {
                case: case.title(),
                subject: contender.name.to_owned(),
                values: vec![
                    own.map_or_else(absent, |spread| Value::Spread(*spread)),
                    more,
                ],
            });
        }
    }
    Ok(Figure {
        id: 1,
        title: "Instructions of a request on the happy path",
        columns: vec!["instructions", "more than bare"],
        rows,
        bars: Vec::new(),
        notes: vec![
            "Of all threads of the client's process, in user space, one request at a time. Each \
             answer is held back for a millisecond, so that the client always waits for it. Median \
             and range of several series."
                .to_owned(),
        ],
    })
}

fn count(series: &Series, name: &'static str, counts: &mut Counts) -> Result<(), BoxError> {
    let instructions = callgrind::instructions(&series.arguments())?;
    for (case, instructions) in series.by_case(&instructions)? {
        let each = |count: &u64| (*count as f64 / series.requests as f64).round();
        let spread = Spread::of(instructions.iter().map(each)).ok_or("no series")?;
        counts.insert((case, name), spread);
    }
    Ok(())
}
