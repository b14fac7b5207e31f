//! Figure 6, second part: what a request costs after many others, by callgrind and by the allocator
//! of this program, and what many requests leave behind.

use std::pin::Pin;
use std::task::{Context, Waker};

use futures_util::FutureExt;
use reauth_reqwest::reauth::{Session, Transport};

use crate::BoxError;
use crate::allocator::live;
use crate::alone::{Alone, Clock, Done, Measured, Meter, ORIGIN, expiring_session, serve, session};
use crate::ask::{Ask, Case};
use crate::callgrind;
use crate::figure::{Bar, Figure, Row, Value, Verdict};
use crate::progress::Progress;

/// Requests before the measured ones.
const WARM_UP: usize = 100;
/// Measured requests.
const TIMES: usize = 500;
const MANY: usize = 100_000;
const PARKED: usize = 1_000;
const MILLION: usize = 1_000_000;

/// The limit, as a multiple of the first of its kind.
const SLACK: f64 = 1.02;

/// Requests that differ only in what came before; each is compared with the first.
struct Group {
    name: &'static str,
    after: &'static [&'static str],
}

const GOES: Group = Group {
    name: "a request that goes",
    after: &[
        "first of all",
        "after 100,000 served",
        "after 100,000 dropped midway",
    ],
};
const GOES_BESIDE: Group = Group {
    name: "a request that goes, its token near its end",
    after: &["alone", "beside 1,000 that wait"],
};
const WAITS: Group = Group {
    name: "a request that is refused, waits and is dropped",
    after: &["behind 1", "behind 1,000", "and after 100,000 dropped"],
};

pub(crate) fn work(meter: &mut dyn Meter) -> Done {
    goes(meter)?;
    goes_beside(meter)?;
    waits(meter)
}

fn goes(meter: &mut dyn Meter) -> Done {
    let session = session()?;
    let [ok, never] = ["ok", "never"].map(ask);
    serve(&session, &ok, WARM_UP)?;
    meter.over(GOES.after[0], TIMES, &mut |times| {
        serve(&session, &ok, times)
    })?;
    serve(&session, &ok, MANY)?;
    meter.over(GOES.after[1], TIMES, &mut |times| {
        serve(&session, &ok, times)
    })?;
    drop_midway(&session, &never, MANY)?;
    meter.over(GOES.after[2], TIMES, &mut |times| {
        serve(&session, &ok, times)
    })
}

fn goes_beside(meter: &mut dyn Meter) -> Done {
    let clock = Clock::default();
    let session = expiring_session(&clock)?;
    let ok = ask("ok");
    let once = Ask::new(format!("{ORIGIN}/ok"), Case::new(5, 1));
    clock.to_renewal();
    serve(&session, &ok, WARM_UP)?;
    meter.over(GOES_BESIDE.after[0], TIMES, &mut |times| {
        serve(&session, &ok, times)
    })?;
    let parked = park(&session, &once, PARKED)?;
    meter.over(GOES_BESIDE.after[1], TIMES, &mut |times| {
        serve(&session, &ok, times)
    })?;
    drop(parked);
    Ok(())
}

fn waits(meter: &mut dyn Meter) -> Done {
    let session = session()?;
    let refused = ask("refused");
    let one = park(&session, &refused, 1)?;
    let mut leave = |times| drop_midway(&session, &refused, times);
    leave(WARM_UP)?;
    meter.over(WAITS.after[0], TIMES, &mut leave)?;
    let others = park(&session, &refused, PARKED - 1)?;
    leave(WARM_UP)?;
    meter.over(WAITS.after[1], TIMES, &mut leave)?;
    leave(MANY)?;
    meter.over(WAITS.after[2], TIMES, &mut leave)?;
    drop((one, others));
    Ok(())
}

fn ask(path: &str) -> Ask {
    Ask::new(format!("{ORIGIN}/{path}"), Case::new(5, 0))
}

/// Dropped when it first waits.
fn drop_midway<T: Transport>(session: &Session<T>, ask: &Ask, times: usize) -> Done {
    for _ in 0..times {
        still_waits(session.execute(ask.http()?).now_or_never())?;
    }
    Ok(())
}

type Parked<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Left waiting.
fn park<'a, T: Transport>(
    session: &'a Session<T>,
    ask: &Ask,
    requests: usize,
) -> Result<Vec<Parked<'a>>, BoxError> {
    let mut parked = Vec::new();
    for _ in 0..requests {
        let request = session.execute(ask.http()?);
        let mut request: Parked<'a> = Box::pin(request.map(|_| ()));
        let context = &mut Context::from_waker(Waker::noop());
        still_waits(request.as_mut().poll(context).is_ready().then_some(()))?;
        parked.push(request);
    }
    Ok(parked)
}

fn still_waits<T>(ended: Option<T>) -> Done {
    match ended {
        None => Ok(()),
        Some(_) => Err("a request did not wait".into()),
    }
}

pub(super) fn measure() -> Result<Figure, BoxError> {
    let progress = Progress::new("growth", 2);
    progress.next("the cost of a request");
    let measured = Alone::Growth.measure()?;
    progress.next("what is left of a million");
    let left = left_of_a_million()?;
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    let mut behind = &*measured;
    for group in [GOES, GOES_BESIDE, WAITS] {
        let (own, others) = behind.split_at(group.after.len());
        rows.extend(own.iter().map(|one| row(&group, one)));
        bars.push(no_dearer(&group, own));
        behind = others;
    }
    bars.push(Bar {
        claim: "live bytes after a million requests: as before".to_owned(),
        measured: format!("{left:+}"),
        verdict: Verdict::of(left <= 0),
    });
    let note = "A session whose transport is a closure that answers at once, or never, and whose \
                clock stands still: its client is not in it. Of 500 requests, on one thread.";
    let missing = callgrind::missing().map(|why| format!("NOT MEASURED: {why}."));
    Ok(Figure {
        timelines: Vec::new(),
        id: 6,
        title: "What a request costs after many others",
        columns: vec!["instructions", "allocations"],
        rows,
        bars,
        notes: [note.to_owned()].into_iter().chain(missing).collect(),
    })
}

fn row(group: &Group, measured: &Measured) -> Row {
    let instructions = measured.instructions.map_or_else(
        || Value::NotMeasured("no valgrind".to_owned()),
        |instructions| Value::Count(instructions.round()),
    );
    Row {
        case: group.name.to_owned(),
        subject: measured.name.to_owned(),
        values: vec![instructions, Value::Count(measured.allocations)],
    }
}

/// Compares by instructions and by allocations.
fn no_dearer(group: &Group, measured: &[Measured]) -> Bar {
    let claim = format!("{}: as dear as ever, within 2 %", group.name);
    let ratios = measured.iter().map(|one| {
        let first = &measured[0];
        let allocations = one.allocations / first.allocations;
        let instructions = one.instructions.zip(first.instructions);
        instructions.map(|(own, first)| allocations.max(own / first))
    });
    match ratios.collect::<Option<Vec<f64>>>() {
        Some(ratios) => {
            let most = ratios.into_iter().fold(0.0, f64::max);
            Bar {
                claim,
                measured: format!("{most:.3} of the first at most"),
                verdict: Verdict::of(most <= SLACK),
            }
        }
        None => Bar::not_measured(claim),
    }
}

/// Live bytes, minus those before.
fn left_of_a_million() -> Result<isize, BoxError> {
    let session = session()?;
    let ok = ask("ok");
    serve(&session, &ok, WARM_UP)?;
    let before = live();
    serve(&session, &ok, MILLION)?;
    Ok(live().wrapping_sub(before).cast_signed())
}
