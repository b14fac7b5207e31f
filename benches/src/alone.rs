//! What is measured without a server: pieces of work, one behind the other, on this thread.
//!
//! They are run twice: here, where their allocations are counted, and by a child under valgrind,
//! where their instructions are.

mod requests;
mod still;

use clap::ValueEnum;

pub(crate) use requests::{serve, serve_bare};
pub(crate) use still::{Clock, ORIGIN, expiring_session, session};

use crate::BoxError;
use crate::allocator::{Allocated, counted};
use crate::callgrind::{self, reauth_benches_mark as mark};
use crate::figures::{growth, machines};

/// Whose work.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Alone {
    Machines,
    Growth,
}

/// A piece of work, measured.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    /// Of each time; none without valgrind.
    pub(crate) instructions: Option<f64>,
    /// Of each time.
    pub(crate) allocations: f64,
}

/// What does a piece of work so many times, and measures it.
pub(crate) trait Meter {
    fn over(&mut self, name: &'static str, times: usize, work: &mut Work<'_>) -> Done;
}

/// Does something so many times.
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

    /// What the child does.
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

    /// Of each piece: what lies between its two marks, and not what lies before the first.
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
