//! Figure 4, one request: the cost of a request that is refused, refreshed and replayed.

use std::collections::BTreeMap;

use super::Plan;
use crate::ask::{Ask, Case};
use crate::child::Series;
use crate::contender::{Contender, Role};
use crate::figure::{Bar, Figure, Row, Value, Verdict};
use crate::progress::Progress;
use crate::server::{Accepts, SceneControl, Setup};
use crate::statistics::Spread;
use crate::{BoxError, allocator, callgrind};

/// The limit, as a multiple of three bare requests' instructions.
const MOST: f64 = 1.10;

/// Requests before allocations are counted.
const WARM_UP: usize = 50;
const REQUESTS: usize = 200;

const PATH: &str = "/books";

/// The counts of one request of the application; for a bare client, one that is not refused.
#[derive(Debug, Default)]
struct Costs {
    instructions: Option<f64>,
    allocations: f64,
    messages: f64,
}

type All = BTreeMap<(Case, &'static str), Costs>;

pub(crate) fn measure(plan: &Plan) -> Result<Figure, BoxError> {
    let missing = callgrind::missing();
    let contenders = plan.contenders.iter().copied();
    let contenders: Vec<_> = contenders.filter(|one| one.role != Role::Plain).collect();
    let progress = Progress::new("refused", contenders.len());
    let mut all = All::new();
    for contender in &contenders {
        progress.next(contender.name);
        for case in Case::ALL {
            all.insert((case, contender.name), count(plan, contender, case)?);
        }
        if missing.is_none() {
            for (case, instructions) in instructions(plan, contender)? {
                let costs = all.entry((case, contender.name)).or_default();
                costs.instructions = Some(instructions);
            }
        }
    }
    let mut rows = Vec::new();
    for case in Case::ALL {
        rows.extend(contenders.iter().map(|one| row(&all, one, case)));
    }
    let mut bars = Vec::new();
    for contender in plan.barred() {
        bars.push(three_messages(&all, contender));
        bars.push(beside_three(&all, contender));
    }
    let mut notes = vec![
        "A server that refuses each token behind its first request: attempt, token call, replay. \
         A bare client sends three requests of the same case that are well, one after the other. \
         Counted as in figures 1 and 2. A session over isahc makes its token calls on connections \
         that are used once, since libcurl sends a request again where a used one breaks."
            .to_owned(),
    ];
    notes.extend(missing.map(|why| format!("NOT MEASURED: {why}.")));
    Ok(Figure {
        id: 4,
        title: "A refused request",
        columns: vec![
            "messages",
            "instructions",
            "of three bare",
            "allocations",
            "of three bare",
        ],
        rows,
        bars,
        notes,
        timelines: Vec::new(),
    })
}

fn setup(contender: &Contender, pause_ms: u64) -> Setup {
    Setup {
        accepts: if contender.is_bare() {
            Accepts::Anything
        } else {
            Accepts::Once
        },
        pause_ms,
        token_pause_ms: pause_ms,
        ..Setup::default()
    }
}

fn count(plan: &Plan, contender: &Contender, case: Case) -> Result<Costs, BoxError> {
    let scene = SceneControl::open(&plan.target, &setup(contender, 0))?;
    let target = scene.target();
    let load = (contender.load)(&target)?;
    let ask = Ask::new(format!("{}{PATH}", target.origin), case);
    load.series(&ask, WARM_UP)?;
    let before = scene.record()?.messages.len();
    let (done, allocated) = allocator::counted(|| load.series(&ask, REQUESTS));
    done?;
    let messages = scene.record()?.messages.len() - before;
    Ok(Costs {
        instructions: None,
        allocations: allocated.times as f64 / REQUESTS as f64,
        messages: messages as f64 / REQUESTS as f64,
    })
}

/// Medians.
fn instructions(plan: &Plan, contender: &Contender) -> Result<Vec<(Case, f64)>, BoxError> {
    let scene = SceneControl::open(&plan.target, &setup(contender, 1))?;
    let series = Series {
        contender: contender.name.to_owned(),
        origin: scene.target().origin,
        path: PATH.to_owned(),
        rounds: plan.effort.pick(1, 2),
        requests: 10,
    };
    let counts = callgrind::instructions(&series.arguments())?;
    let mut medians = Vec::new();
    for (case, counts) in series.by_case(&counts)? {
        let each = counts.iter().map(|count| *count as f64);
        let each = Spread::of(each).ok_or("nothing was counted")?.median;
        medians.push((case, (each / series.requests as f64).round()));
    }
    Ok(medians)
}

fn row(all: &All, contender: &Contender, case: Case) -> Row {
    let costs = &all[&(case, contender.name)];
    let times = if contender.is_bare() { 3.0 } else { 1.0 };
    let ratio = |ratio: Option<f64>| match ratio {
        Some(_) if contender.is_bare() => Value::Itself,
        Some(ratio) => Value::Count((ratio * 1e3).round() / 1e3),
        None => Value::NotMeasured(String::new()),
    };
    let instructions = costs.instructions.map(|count| Value::Count(times * count));
    let values = vec![
        Value::Count(times * costs.messages),
        instructions.unwrap_or_else(|| Value::NotMeasured(String::new())),
        ratio(of_three(all, contender, case, |costs| costs.instructions)),
        Value::Count(times * costs.allocations),
        ratio(of_three(all, contender, case, |costs| {
            Some(costs.allocations)
        })),
    ];
    Row::new(&case.title(), contender, values)
}

fn of_three(
    all: &All,
    contender: &Contender,
    case: Case,
    of: fn(&Costs) -> Option<f64>,
) -> Option<f64> {
    let own = of(all.get(&(case, contender.name))?)?;
    let bare = of(all.get(&(case, contender.baseline))?)?;
    Some(own / (3.0 * bare))
}

fn three_messages(all: &All, contender: &Contender) -> Bar {
    let claim = format!("{}: a refused request costs 3 messages", contender.name);
    let costs = Case::ALL
        .iter()
        .filter_map(|case| all.get(&(*case, contender.name)));
    let messages = Spread::of(costs.map(|costs| costs.messages));
    messages.map_or_else(
        || Bar::not_measured(claim.clone()),
        |spread| Bar {
            claim: claim.clone(),
            measured: format!("{} to {}", spread.low, spread.high),
            verdict: Verdict::of(spread.low == 3.0 && spread.high == 3.0),
        },
    )
}

fn beside_three(all: &All, contender: &Contender) -> Bar {
    let claim = format!(
        "{}: at most {MOST:.2} of the instructions of three requests of {}",
        contender.name, contender.baseline
    );
    let ratio = |case| of_three(all, contender, case, |costs| costs.instructions);
    let ratios = Case::ALL
        .into_iter()
        .filter_map(|case| Some((ratio(case)?, case)));
    match ratios.max_by(|(one, _), (other, _)| one.total_cmp(other)) {
        None => Bar::not_measured(claim),
        Some((ratio, case)) => Bar {
            claim,
            measured: format!("{ratio:.3} with {}", case.title()),
            verdict: Verdict::of(ratio <= MOST),
        },
    }
}
