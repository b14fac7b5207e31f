//! Figure 6: the memory that a request holds, by the allocator of this program.

mod control;
mod held;

use std::collections::BTreeMap;

use super::Plan;
use crate::BoxError;
use crate::ask::{Ask, Case};
use crate::contender::{Contender, Role};
use crate::figure::{Bar, Figure, Row, Value, Verdict};
use crate::progress::Progress;
use crate::statistics::Spread;
use control::Control;
use held::{held, left, settled};

/// Requests at once, if the contender takes that many.
const CALLERS: usize = 1_000;

/// The bar of sessions: at most this much more than a bare request in flight.
const MOST: f64 = 640.0;

/// Requests over sockets.
const MANY: usize = 20_000;

/// Bytes that all requests together may leave: buffers differ in their last content.
const FORGOTTEN: f64 = 1_024.0;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Holding {
    /// An idle client or session, with its runtime and its connection pool.
    Idle,
    /// A request whose response does not come, without its connection.
    InFlight,
    /// A request that was refused, and waits for a refresh that does not end.
    Parked,
    /// What many served requests leave, all together.
    Left,
}

impl Holding {
    const ALL: [Self; 4] = [Self::Idle, Self::InFlight, Self::Parked, Self::Left];

    const fn title(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::InFlight => "a request in flight",
            Self::Parked => "a parked request",
            Self::Left => "left of 20,000 requests",
        }
    }

    fn is_of(self, contender: &Contender) -> bool {
        match self {
            Self::Idle | Self::InFlight | Self::Left => true,
            Self::Parked => matches!(contender.role, Role::Session(_) | Role::Replaying),
        }
    }

    /// The state it is compared with.
    const fn beside(self) -> Self {
        match self {
            Self::Idle => Self::Idle,
            Self::InFlight | Self::Parked => Self::InFlight,
            Self::Left => Self::Left,
        }
    }
}

/// Bytes.
type Bytes = BTreeMap<(Holding, &'static str), f64>;

pub(super) fn measure(plan: &Plan) -> Result<Figure, BoxError> {
    let mut bytes = Bytes::new();
    let mut control = Control::connect(&plan.target)?;
    let progress = Progress::new("memory", plan.contenders.len());
    for contender in &plan.contenders {
        progress.next(contender.name);
        for (holding, held) in measure_one(plan, contender, &mut control)? {
            bytes.insert((holding, contender.name), held);
        }
    }
    let mut rows = Vec::new();
    for holding in Holding::ALL {
        let all = plan.contenders.iter();
        let held = all.filter_map(|one| Some((*one, *bytes.get(&(holding, one.name))?)));
        rows.extend(held.map(|(one, held)| {
            let more = match one.is_bare() {
                true => Value::Itself,
                false => more(&bytes, holding, one).map_or(Value::Itself, Value::More),
            };
            Row::new(holding.title(), one, vec![Value::Count(held), more])
        }));
    }
    Ok(Figure {
        timelines: Vec::new(),
        id: 6,
        title: "Memory of a request, bytes",
        columns: vec!["bytes", "more than bare"],
        rows,
        bars: bars(plan, &bytes),
        notes: vec![
            "What Rust code has asked for and not given back, not what libcurl holds; beyond what \
             was held before, with as many connections open, idle. Each of 1,000 requests at once \
             (256 with isahc and the blocking clients), its task and its future among it, while \
             the server answers none. A parked request was refused, and waits for a refresh that \
             does not end; it is compared with a bare one in flight. Those of isahc wander with its \
             connections."
                .to_owned(),
        ],
    })
}

fn measure_one(
    plan: &Plan,
    contender: &Contender,
    control: &mut Control,
) -> Result<Vec<(Holding, f64)>, BoxError> {
    let target = plan.target.with_held_refresh();
    // Creates what is created only once.
    drop((contender.load)(&target)?);
    let before = settled()?;
    let load = (contender.load)(&target)?;
    let mut all = vec![(
        Holding::Idle,
        settled()?.wrapping_sub(before).cast_signed() as f64,
    )];
    let callers = contender
        .limit
        .map_or(CALLERS, |limit| limit.callers.min(CALLERS));
    let ask = |path: &str| Ask::new(format!("{}{path}", target.origin), Case::new(5, 0));
    for (holding, path) in [
        (Holding::InFlight, "/hold/wait".to_owned()),
        (Holding::Parked, format!("/hold/refuse?{callers}")),
    ] {
        if holding.is_of(contender) {
            let ask = ask(&path);
            // Opens the connections, and lets buffers grow.
            held(&*load, control, &ask, callers)?;
            let rounds = (0..plan.effort.pick(1, 3)).map(|_| held(&*load, control, &ask, callers));
            let rounds: Vec<f64> = rounds.collect::<Result<_, _>>()?;
            let held = Spread::of(rounds).ok_or("nothing was held")?.median;
            all.push((holding, (held / callers as f64).round()));
        }
    }
    all.push((Holding::Left, left(&*load, &ask("/ok"), MANY)?));
    Ok(all)
}

fn more(bytes: &Bytes, holding: Holding, contender: &Contender) -> Option<f64> {
    let own = bytes.get(&(holding, contender.name))?;
    Some(own - bytes.get(&(holding.beside(), contender.baseline))?)
}

fn bars(plan: &Plan, bytes: &Bytes) -> Vec<Bar> {
    let of = |session| {
        [
            holds_little(bytes, Holding::InFlight, session),
            holds_little(bytes, Holding::Parked, session),
            leaves_nothing(bytes, session),
        ]
    };
    plan.barred().flat_map(of).collect()
}

fn holds_little(bytes: &Bytes, holding: Holding, session: &Contender) -> Bar {
    let Contender { name, baseline, .. } = session;
    let title = holding.title();
    let claim = format!("{name}: {title} holds at most {MOST} bytes more than one of {baseline}");
    match more(bytes, holding, session) {
        Some(more) => Bar {
            claim,
            measured: format!("{more:+}"),
            verdict: Verdict::of(more <= MOST),
        },
        None => Bar::not_measured(claim),
    }
}

fn leaves_nothing(bytes: &Bytes, session: &Contender) -> Bar {
    let claim = format!("{}: nothing is left of {MANY} requests", session.name);
    match bytes.get(&(Holding::Left, session.name)) {
        Some(left) => Bar {
            claim,
            measured: format!("{left:+} bytes"),
            verdict: Verdict::of(*left <= FORGOTTEN),
        },
        None => Bar::not_measured(claim),
    }
}
