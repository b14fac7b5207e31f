//! Figure 5: the machines alone, without sockets. Callgrind counts the instructions, and the
//! allocator of this program the allocations.

mod steps;
mod whole;

use crate::BoxError;
use crate::alone::{Alone, Done, Measured, Meter};
use crate::callgrind;
use crate::figure::{Bar, Figure, Row, Value, Verdict};
use crate::progress::Progress;

const WHOLE: &str = "a whole request";

/// Measures each step, right after its baseline.
pub(crate) fn work(meter: &mut dyn Meter) -> Done {
    for mut step in steps::all() {
        meter.over(step.machine, steps::TIMES, &mut *step.copy)?;
        meter.over(step.name, steps::TIMES, &mut *step.step)?;
    }
    whole::work(meter)
}

pub(super) fn measure() -> Result<Figure, BoxError> {
    let progress = Progress::new("machines", 1);
    progress.next("steps");
    let measured = Alone::Machines.measure()?;
    let pieces = measured.as_chunks().0;
    let rows = pieces.iter().map(row).collect();
    let steps = pieces.iter().filter(|[machine, _]| machine.name != WHOLE);
    let notes = [
        "Each step is taken by a copy of the same machine, and the cost of the copy is subtracted. \
         The answer of a SessionMachine and the flight of a Coordinator are numbers here."
            .to_owned(),
        "A whole request goes through a session with a fixed clock, whose transport is a closure \
         that answers at once. The cost of the closure, called with the same request and its \
         token, is subtracted."
            .to_owned(),
    ];
    let missing = callgrind::missing().map(|why| format!("NOT MEASURED: {why}."));
    Ok(Figure {
        timelines: Vec::new(),
        id: 5,
        title: "Instructions and allocations of the machines alone",
        columns: vec!["instructions", "allocations"],
        rows,
        bars: vec![no_allocation(steps)],
        notes: notes.into_iter().chain(missing).collect(),
    })
}

fn row([against, own]: &[Measured; 2]) -> Row {
    let instructions = own.instructions.zip(against.instructions);
    let instructions = instructions.map_or_else(
        || Value::NotMeasured("no valgrind".to_owned()),
        |(own, against)| Value::Count((own - against).round()),
    );
    Row {
        case: against.name.to_owned(),
        subject: own.name.to_owned(),
        values: vec![
            instructions,
            Value::Count(own.allocations - against.allocations),
        ],
    }
}

fn no_allocation<'a>(steps: impl Iterator<Item = &'a [Measured; 2]>) -> Bar {
    let all: Vec<f64> = steps
        .map(|[copy, step]| copy.allocations.max(step.allocations))
        .collect();
    let most = all.iter().copied().fold(0.0, f64::max);
    Bar {
        claim: "no step of a machine allocates".to_owned(),
        measured: format!("{most} at most, of {} steps", all.len()),
        verdict: Verdict::of(most == 0.0),
    }
}
