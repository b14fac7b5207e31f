//! Figure 2: allocations of a request on the happy path, by the allocator of this program.

use std::collections::BTreeMap;

use super::Plan;
use crate::BoxError;
use crate::allocator::{Allocated, counted};
use crate::ask::{Ask, Case};
use crate::figure::{Figure, Row, Value};
use crate::progress::Progress;

/// Before the count: connections are made, buffers have grown.
const WARM_UP: usize = 200;
const REQUESTS: usize = 1_000;

pub(crate) fn measure(plan: &Plan) -> Result<Figure, BoxError> {
    let mut counts = BTreeMap::new();
    let progress = Progress::new("allocations", plan.contenders.len());
    for contender in &plan.contenders {
        progress.next(contender.name);
        let load = (contender.load)(&plan.target)?;
        for case in Case::ALL {
            let ask = Ask::new(format!("{}/ok", plan.target.origin), case);
            load.series(&ask, WARM_UP)?;
            let (done, allocated) = counted(|| load.series(&ask, REQUESTS));
            done?;
            counts.insert((case, contender.name), allocated);
        }
    }
    let mut rows = Vec::new();
    for case in Case::ALL {
        for contender in &plan.contenders {
            let own = counts[&(case, contender.name)];
            let baseline = counts[&(case, contender.baseline)];
            let more = |of: fn(&Allocated) -> usize| match contender.is_bare() {
                true => Value::Itself,
                false => Value::More(each(of(&own)) - each(of(&baseline))),
            };
            rows.push(Row {
                case: case.title(),
                subject: contender.name.to_owned(),
                values: vec![
                    Value::Count(each(own.times)),
                    more(|allocated| allocated.times),
                    Value::Count(each(own.bytes)),
                    more(|allocated| allocated.bytes),
                ],
            });
        }
    }
    Ok(Figure {
        id: 2,
        title: "Allocations of a request on the happy path",
        columns: vec!["allocations", "more than bare", "bytes", "more than bare"],
        rows,
        bars: Vec::new(),
        notes: vec![
            "Blocks, and growths of one, that Rust code asks for, in all threads; not what \
             libcurl does with its own malloc."
                .to_owned(),
        ],
    })
}

fn each(count: usize) -> f64 {
    count as f64 / REQUESTS as f64
}
