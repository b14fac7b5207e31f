//! Figure 3: processor time of a request, with few and many in flight.

use std::collections::BTreeMap;

use super::Plan;
use crate::ask::{Ask, Case};
use crate::contender::Contender;
use crate::cpu_clock::timed;
use crate::figure::{Bar, Figure, Row, Value, Verdict};
use crate::load::Load;
use crate::progress::Progress;
use crate::statistics::Spread;
use crate::{BoxError, contenders};

/// Requests in flight.
const CALLERS: [usize; 4] = [1, 16, 256, 1024];

/// Requests of a lap; at least twice the number of callers.
const REQUESTS: usize = 512;

const RACES: usize = 5;
const LAPS: usize = 7;

/// A contender and its baseline. Each race has its own clients and connections, because their place
/// in memory has an effect too.
struct Races(Vec<Laps>);

/// One race: microseconds for each request, by lap. The baseline is first and last.
struct Laps {
    own: Vec<f64>,
    baseline: Vec<f64>,
}

pub(crate) fn measure(plan: &Plan) -> Result<Figure, BoxError> {
    let mut races = BTreeMap::new();
    let layered = || plan.contenders.iter().filter(|one| !one.is_bare());
    let progress = Progress::new("cpu-time", layered().count() * CALLERS.len());
    for contender in layered() {
        for callers in CALLERS {
            progress.next(contender.name);
            if contender.refuses(callers).is_none() {
                races.insert((callers, contender.name), run(plan, contender, callers)?);
            }
        }
    }
    let row = |callers, contender: &Contender| {
        let values = match contender.refuses(callers) {
            Some(why) => vec![Value::NotMeasured(why.to_owned())],
            None if contender.is_bare() => {
                let behind = layered().filter(|other| other.baseline == contender.name);
                let races = behind.filter_map(|other| races.get(&(callers, other.name)));
                bare(&races.collect::<Vec<_>>())
            }
            None => layered_values(&races[&(callers, contender.name)]),
        };
        Row::new(&format!("{callers} in flight"), contender, values)
    };
    let rows = plan.rows(&CALLERS, row);
    let mut bars = Vec::new();
    for contender in plan.barred() {
        for callers in CALLERS {
            let races = races.get(&(callers, contender.name));
            bars.extend(races.and_then(|races| bar(contender, callers, races)));
        }
    }
    Ok(Figure {
        id: 3,
        title: "Processor time of a request, microseconds",
        columns: vec!["microseconds", "of bare", "bare of itself"],
        rows,
        bars,
        notes: vec![
            "User and system time of the client's process, one thread for all callers (a blocking \
             client: one for each). A contender and its baseline take turns, lap by lap, with new \
             clients after some; each lap is compared with the two of the baseline around it, and \
             each of the baseline's with its own neighbours, which shows the noise. Median and \
             quartiles. The ratios can be compared with those of another run; the microseconds \
             cannot, which wander with what else the machine does."
                .to_owned(),
        ],
        timelines: Vec::new(),
    })
}

fn run(plan: &Plan, contender: &Contender, callers: usize) -> Result<Races, BoxError> {
    let races = (0..plan.effort.pick(1, RACES)).map(|_| race(plan, contender, callers));
    races.collect::<Result<_, _>>().map(Races)
}

fn race(plan: &Plan, contender: &Contender, callers: usize) -> Result<Laps, BoxError> {
    let baseline = contenders::named(contender.baseline)?;
    let own = (contender.load)(&plan.target)?;
    let baseline = (baseline.load)(&plan.target)?;
    let ask = Ask::new(format!("{}/ok", plan.target.origin), Case::new(5, 0));
    let each = (REQUESTS / callers).max(2);
    let lap = |load: &dyn Load| -> Result<f64, BoxError> {
        let time = timed(|| load.crowd(&ask, callers, each))?;
        Ok(time.as_secs_f64() * 1e6 / (callers * each) as f64)
    };
    // Opens the connections.
    for load in [&own, &baseline] {
        lap(&**load)?;
        lap(&**load)?;
    }
    let mut laps = Laps {
        own: Vec::new(),
        baseline: vec![lap(&*baseline)?],
    };
    for _ in 0..LAPS {
        laps.own.push(lap(&*own)?);
        laps.baseline.push(lap(&*baseline)?);
    }
    Ok(laps)
}

impl Races {
    fn ratios(&self) -> impl Iterator<Item = f64> {
        self.0.iter().flat_map(Laps::ratios)
    }

    fn noise(&self) -> impl Iterator<Item = f64> {
        self.0.iter().flat_map(Laps::noise)
    }
}

impl Laps {
    /// Each lap, divided by the two baseline laps around it.
    fn ratios(&self) -> impl Iterator<Item = f64> {
        let around = self.baseline.windows(2);
        let laps = self.own.iter().zip(around);
        laps.map(|(own, around)| 2.0 * own / (around[0] + around[1]))
    }

    /// Each baseline lap, divided by the two around it.
    fn noise(&self) -> impl Iterator<Item = f64> {
        let around = self.baseline.windows(3);
        around.map(|laps| 2.0 * laps[1] / (laps[0] + laps[2]))
    }
}

fn spread(samples: impl Iterator<Item = f64>) -> Value {
    Spread::quartiles(samples).map_or_else(
        || Value::NotMeasured("nothing to compare with".to_owned()),
        |spread| Value::Spread(spread.rounded()),
    )
}

fn bare(races: &[&Races]) -> Vec<Value> {
    let laps = races.iter().flat_map(|races| &races.0);
    vec![
        spread(laps.flat_map(|laps| laps.baseline.iter().copied())),
        Value::Itself,
        spread(races.iter().flat_map(|races| races.noise())),
    ]
}

fn layered_values(races: &Races) -> Vec<Value> {
    let own = races.0.iter().flat_map(|laps| laps.own.iter().copied());
    vec![spread(own), spread(races.ratios()), spread(races.noise())]
}

fn bar(contender: &Contender, callers: usize, races: &Races) -> Option<Bar> {
    let ratio = Spread::quartiles(races.ratios())?.median;
    let noise = Spread::quartiles(races.noise())?.high;
    let Contender { name, baseline, .. } = contender;
    Some(Bar {
        claim: format!("{name}, {callers} in flight: no more than {baseline}, within its noise"),
        measured: format!("{ratio:.3} of it, whose own laps have {noise:.3} as third quartile"),
        verdict: Verdict::of(ratio <= noise),
    })
}
