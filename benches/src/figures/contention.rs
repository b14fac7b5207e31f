//! Figure 5, second part: one session used by many threads, by processor time.

use std::thread;

use futures_util::FutureExt;
use http::HeaderValue;
use reauth_reqwest::reauth::{Session, Transport};

use super::Plan;
use crate::BoxError;
use crate::alone::{Done, ORIGIN, serve, serve_bare, session};
use crate::ask::{Ask, Case};
use crate::contenders::bearer;
use crate::cpu_clock::timed;
use crate::figure::{Figure, Row, Value};
use crate::progress::Progress;
use crate::statistics::Spread;
use crate::target::Target;

const THREADS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

/// What each thread does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Doing {
    /// `Session::token`: the lock, `enter`, a handle of the token, and nothing else.
    Enter,
    /// A whole request over a transport that answers at once.
    Request,
    /// The same request, given directly to the transport.
    Bare,
}

impl Doing {
    const ALL: [Self; 3] = [Self::Enter, Self::Request, Self::Bare];

    const fn name(self) -> &'static str {
        match self {
            Self::Enter => "Session::token, which enters",
            Self::Request => "a whole request",
            Self::Bare => "a whole request, without a session",
        }
    }

    /// How often all threads together do it in a lap.
    const fn times(self) -> usize {
        match self {
            Self::Enter => 1 << 20,
            Self::Request | Self::Bare => 1 << 16,
        }
    }
}

struct Subject<T> {
    session: Session<T>,
    ask: Ask,
    bearer: HeaderValue,
}

/// Nanoseconds for each time, by lap.
type Laps = Vec<f64>;

pub(super) fn measure(plan: &Plan) -> Result<Figure, BoxError> {
    let subject = Subject {
        session: session()?,
        ask: Ask::new(format!("{ORIGIN}/ok"), Case::new(5, 0)),
        bearer: bearer(&Target::new(ORIGIN))?,
    };
    let mut rows = Vec::new();
    let progress = Progress::new("contention", Doing::ALL.len());
    for doing in Doing::ALL {
        progress.next(doing.name());
        let laps = subject.laps(doing, plan.effort.pick(3, 11))?;
        let alone = laps[0].clone();
        for (threads, laps) in THREADS.into_iter().zip(laps) {
            rows.push(row(doing, threads, &laps, &alone));
        }
    }
    Ok(Figure {
        timelines: Vec::new(),
        id: 5,
        title: "Processor time of one session under many threads, nanoseconds",
        columns: vec!["nanoseconds", "of one thread"],
        rows,
        bars: Vec::new(),
        notes: vec![
            "User and system time of all threads for each time, all of them at it without a pause: \
             no application is. Only as many threads as there are processors really run at once. \
             A whole request allocates, and the allocator of this program counts for all threads \
             in one place: that is what grows without a session. What two processors cost each \
             other depends on which two the machine gives, and that changes from run to run. \
             Median and range."
                .to_owned(),
        ],
    })
}

impl<T: Transport + 'static> Subject<T> {
    /// Measures each number of threads in turn.
    fn laps(&self, doing: Doing, rounds: usize) -> Result<Vec<Laps>, BoxError> {
        let mut laps = vec![Laps::new(); THREADS.len()];
        for _ in 0..rounds {
            for (threads, laps) in THREADS.into_iter().zip(&mut laps) {
                let time = timed(|| self.on(threads, doing))?;
                laps.push(time.as_secs_f64() * 1e9 / doing.times() as f64);
            }
        }
        Ok(laps)
    }

    fn on(&self, threads: usize, doing: Doing) -> Done {
        let each = doing.times() / threads;
        thread::scope(|scope| {
            let all = (0..threads).map(|_| scope.spawn(|| self.repeat(doing, each)));
            for thread in all.collect::<Vec<_>>() {
                thread.join().map_err(|_| "a thread panicked")??;
            }
            Ok(())
        })
    }

    fn repeat(&self, doing: Doing, times: usize) -> Done {
        match doing {
            Doing::Enter => self.enter(times),
            Doing::Request => serve(&self.session, &self.ask, times),
            Doing::Bare => serve_bare(&self.ask, &self.bearer, times),
        }
    }

    fn enter(&self, times: usize) -> Done {
        for _ in 0..times {
            let token = self.session.token().now_or_never();
            token.ok_or("there was no token at once")??;
        }
        Ok(())
    }
}

fn row(doing: Doing, threads: usize, laps: &Laps, alone: &Laps) -> Row {
    let ratios = laps.iter().zip(alone).map(|(own, alone)| own / alone);
    let spread = |samples: &mut dyn Iterator<Item = f64>| {
        Spread::of(samples).map_or(Value::Itself, |spread| Value::Spread(spread.rounded()))
    };
    let ratio = match threads {
        1 => Value::Itself,
        _ => spread(&mut ratios.into_iter()),
    };
    Row {
        case: doing.name().to_owned(),
        subject: match threads {
            1 => "1 thread".to_owned(),
            threads => format!("{threads} threads"),
        },
        values: vec![spread(&mut laps.iter().copied()), ratio],
    }
}
