//! Figure 7: a short-lived token under steady load.

mod slice;

use std::time::Duration;

use super::Plan;
use crate::BoxError;
use crate::contenders::Early;
use crate::figure::{Bar, Figure, Row, Value, Verdict};
use crate::progress::Progress;
use crate::statistics::Spread;
use slice::{CALLERS, PAUSE, Slice};

/// How long a token lives, in milliseconds.
const LIFETIME: u64 = 400;

const SLICE: Duration = Duration::from_secs(2);

/// How tokens expire and are refreshed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tokens {
    /// Never expire.
    Lasting,
    /// They live for a while, and are refreshed early.
    Short,
    /// They live for a while, and are refreshed after they have expired.
    ShortAndLate,
}

pub(crate) fn measure(plan: &Plan) -> Result<Figure, BoxError> {
    let rounds = plan.effort.pick(1, 4);
    let progress = Progress::new("early", rounds * Tokens::ALL.len());
    let mut slices = Tokens::ALL.map(|_| Vec::new());
    for round in 0..rounds {
        let mut all: Vec<_> = Tokens::ALL.into_iter().zip(&mut slices).collect();
        // The order changes, so that no contender is always first.
        all.rotate_left(round % Tokens::ALL.len());
        for (tokens, slices) in all {
            progress.next(tokens.title());
            let (lifetime, early) = tokens.set_up();
            slices.push(Slice::run(&plan.target, lifetime, early, SLICE)?);
        }
    }
    let [lasting, short, _] = &slices;
    let rows = Tokens::ALL.into_iter().zip(&slices);
    Ok(Figure {
        id: 7,
        title: "A token that lives 400 ms, under steady load",
        columns: vec![
            "requests",
            "refused",
            "waited",
            "refreshes a lifetime",
            "p50, ms",
            "p99, ms",
            "p99 of lasting",
        ],
        rows: rows
            .map(|(tokens, slices)| row(tokens, slices, lasting))
            .collect(),
        bars: bars(short),
        notes: vec![format!(
            "A session over reqwest, {CALLERS} callers with one request after another each, {} s a \
             slice, {rounds} slices of each kind, taking turns; each with a session and a server \
             of its own. The server holds each answer back for {PAUSE} ms. It counts refusals and \
             refreshes. A request waited if its future was not signed in its first poll. The \
             latencies are those of the slices: median and range. The limit of refreshes, by \
             default 20 within 10 s, is lifted: it is meant for servers that refuse each token.",
            SLICE.as_secs()
        )],
        timelines: Vec::new(),
    })
}

impl Tokens {
    const ALL: [Self; 3] = [Self::Lasting, Self::Short, Self::ShortAndLate];

    const fn title(self) -> &'static str {
        match self {
            Self::Lasting => "lasting",
            Self::Short => "400 ms",
            Self::ShortAndLate => "400 ms, no early refresh",
        }
    }

    const fn set_up(self) -> (Option<u64>, Early) {
        match self {
            Self::Lasting => (None, Early::Refreshed),
            Self::Short => (Some(LIFETIME), Early::Refreshed),
            Self::ShortAndLate => (Some(LIFETIME), Early::Off),
        }
    }
}

fn row(tokens: Tokens, slices: &[Slice], lasting: &[Slice]) -> Row {
    let sum = |of: fn(&Slice) -> usize| Value::Count(total(slices, of) as f64);
    let spread = |samples: Vec<f64>| {
        let spread = Spread::of(samples).map(Spread::rounded);
        spread.map_or_else(|| Value::NotMeasured(String::new()), Value::Spread)
    };
    let quantile = |share| spread(slices.iter().map(|slice| slice.quantile(share)).collect());
    let pairs = slices.iter().zip(lasting);
    let ratios = pairs.map(|(slice, lasting)| slice.quantile(0.99) / lasting.quantile(0.99));
    let (refreshes, ratios) = match tokens {
        Tokens::Lasting => (sum(|slice| slice.refreshes), Value::Itself),
        Tokens::Short | Tokens::ShortAndLate => {
            let each = spread(slices.iter().map(refreshes_a_lifetime).collect());
            (each, spread(ratios.collect()))
        }
    };
    Row {
        case: "session-reqwest".to_owned(),
        subject: tokens.title().to_owned(),
        values: vec![
            sum(|slice| slice.latencies.len()),
            sum(|slice| slice.refused),
            sum(|slice| slice.waited),
            refreshes,
            quantile(0.5),
            quantile(0.99),
            ratios,
        ],
    }
}

fn bars(short: &[Slice]) -> Vec<Bar> {
    let all = total(short, |slice| slice.latencies.len());
    let refused = total(short, |slice| slice.refused);
    let waited = total(short, |slice| slice.waited);
    let joined: u64 = short.iter().map(|slice| slice.joined).sum();
    let most = short.iter().map(refreshes_a_lifetime);
    let most = most.fold(0.0, f64::max);
    let bar = |claim: &str, measured, met| Bar {
        claim: format!("session-reqwest, 400 ms: {claim}"),
        measured,
        verdict: Verdict::of(met),
    };
    vec![
        bar(
            "no request is refused",
            format!("{refused} of {all}"),
            refused == 0,
        ),
        bar(
            "no request waits for a token",
            format!("{waited} of {all}, and {joined} that joined a refresh"),
            waited == 0 && joined == 0,
        ),
        bar(
            "at most 3 refreshes for each lifetime",
            format!("{most:.2}"),
            most <= 3.0,
        ),
    ]
}

fn total(slices: &[Slice], of: fn(&Slice) -> usize) -> usize {
    slices.iter().map(of).sum()
}

fn refreshes_a_lifetime(slice: &Slice) -> f64 {
    let lifetimes = slice.lasted.as_secs_f64() * 1e3 / LIFETIME as f64;
    slice.refreshes as f64 / lifetimes
}
