//! Measures work without a server: pieces of work, one after the other, on this thread.
//!
//! They run twice: here, where allocations are counted, and in a child under valgrind, which counts
//! instructions.

mod requests;
mod still;

use clap::ValueEnum;

pub(crate) use requests::{serve, serve_bare};
pub(crate) use still::{Clock, ORIGIN, expiring_session, session};

use crate::BoxError;
use crate::allocator::{Allocated, counted};
use crate::callgrind::{self, reauth_benches_mark as mark};
use crate::figures::{growth, machines};

/// Whose work it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Alone {
    Machines,
    Growth,
}

/// A measured piece of work.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    /// For each run; `None` without valgrind.
    pub(crate) instructions: Option<f64>,
    /// For each run.
    pub(crate) allocations: f64,
}

/// Runs a piece of work this many times, and measures it.
pub(crate) trait Meter {
    fn over(&mut self, name: &'static str, times: usize, work: &mut Work<'_>) -> Done;
}

/// Runs a closure this many times.
pub(crate) type Work<'a> = dyn FnMut(usize) -> Done + 'a;

pub(crate) type Done = Result<(), BoxError>;

impl Alone {
    pub(crate) fn measure(self) -> Result<Vec<Measured>, BoxError> {
        let mut allocations = Allocations::default();
        self.work(&mut allocations)?;
        let pieces = allocations.0;
        let instructions = match callgrind::missing() {
            None => self.instructions()?.into_iter().map(Some).collect(),
            Some(_) => vec![None; pieces.len()],
        };
        if instructions.len() != pieces.len() {
            return Err(format!("{} counts of callgrind", instructions.len()).into());
        }
        let measured = pieces.into_iter().zip(instructions);
        Ok(measured
            .map(|((name, times, allocated), instructions)| Measured {
                name,
                instructions: instructions.map(|all| all as f64 / times as f64),
                allocations: allocated.times as f64 / times as f64,
            })
            .collect())
    }

    /// Runs in the child.
    pub(crate) fn run(self) -> Done {
        self.work(&mut Marks)
    }

    fn work(self, meter: &mut dyn Meter) -> Done {
        match self {
            Self::Machines => machines::work(meter),
            Self::Growth => growth::work(meter),
        }
    }

    fn arguments(self) -> [String; 2] {
        let name = match self {
            Self::Machines => "machines",
            Self::Growth => "growth",
        };
        ["alone", name].map(str::to_owned)
    }

    /// The counts of each piece: what lies between its two marks, without what comes before the
    /// first.
    fn instructions(self) -> Result<Vec<u64>, BoxError> {
        let counts = callgrind::instructions(&self.arguments())?;
        Ok(counts.into_iter().skip(1).step_by(2).collect())
    }
}

struct Marks;

impl Meter for Marks {
    fn over(&mut self, _: &'static str, times: usize, work: &mut Work<'_>) -> Done {
        mark();
        work(times)?;
        mark();
        Ok(())
    }
}

#[derive(Default)]
struct Allocations(Vec<(&'static str, usize, Allocated)>);

impl Meter for Allocations {
    fn over(&mut self, name: &'static str, times: usize, work: &mut Work<'_>) -> Done {
        let (done, allocated) = counted(|| work(times));
        self.0.push((name, times, allocated));
        done
    }
}
