//! Figure 2: allocations of a request on the happy path, counted by the allocator of this program.

use super::Plan;
use super::surcharges::{Counts, Surcharges};
use crate::BoxError;
use crate::allocator::{Allocated, counted};
use crate::ask::{Ask, Case};
use crate::contender::Contender;
use crate::figure::{Figure, Row};
use crate::load::Load;
use crate::progress::Progress;
use crate::statistics::Spread;

/// Requests before the count: connections are opened and buffers grow.
const WARM_UP: usize = 200;
const REQUESTS: usize = 1_000;

pub(crate) fn measure(plan: &Plan) -> Result<Figure, BoxError> {
    let (mut times, mut bytes) = (Counts::new(), Counts::new());
    let progress = Progress::new("allocations", plan.contenders.len());
    for contender in &plan.contenders {
        progress.next(contender.name);
        let load = (contender.load)(&plan.target)?;
        for case in Case::ALL {
            let counted = count(plan, &*load, case)?;
            times.insert((case, contender.name), each(&counted, |all| all.times)?);
            bytes.insert((case, contender.name), each(&counted, |all| all.bytes)?);
        }
    }
    let of = |unit, most, counts| Surcharges {
        unit,
        most,
        plan,
        counts,
    };
    let more_times = of("allocations", 1.0, &times);
    let more_bytes = of("bytes", f64::INFINITY, &bytes);
    let row = |case: Case, contender: &'static Contender| {
        let values = [&more_times, &more_bytes].map(|counts| counts.values(contender, case));
        let values = values.into_iter().flatten().flatten().collect();
        Row::new(&case.title(), contender, values)
    };
    Ok(Figure {
        id: 2,
        title: "Allocations of a request on the happy path",
        columns: vec!["allocations", "more than bare", "bytes", "more than bare"],
        rows: plan.rows(&Case::ALL, row),
        bars: more_times.bars(),
        notes: vec![
            "Blocks, and growths of one, that Rust code asks for, in all threads; not what libcurl \
             does with its own malloc. Of 1,000 requests, one at a time: those that come now and \
             then are a fraction. isahc's wander with the order in which its threads run: median and \
             range of several series."
                .to_owned(),
        ],
        timelines: Vec::new(),
    })
}

fn count(plan: &Plan, load: &dyn Load, case: Case) -> Result<Vec<Allocated>, BoxError> {
    let ask = Ask::new(format!("{}/ok", plan.target.origin), case);
    load.series(&ask, WARM_UP)?;
    let mut all = Vec::new();
    for _ in 0..plan.effort.pick(1, 3) {
        let (done, allocated) = counted(|| load.series(&ask, REQUESTS));
        done?;
        all.push(allocated);
    }
    Ok(all)
}

/// For each request.
fn each(counted: &[Allocated], of: fn(&Allocated) -> usize) -> Result<Spread, BoxError> {
    let each = counted.iter().map(|one| of(one) as f64 / REQUESTS as f64);
    Ok(Spread::of(each).ok_or("nothing was counted")?)
}
