//! The figures, one in each file.

mod allocations;
mod build;
mod contention;
mod cpu_time;
mod early;
pub(crate) mod growth;
mod instructions;
pub(crate) mod machines;
mod memory;
mod plan;
mod refused;
mod storms;
mod surcharges;

use clap::ValueEnum;

pub(crate) use plan::{Effort, Plan};

use crate::BoxError;
use crate::figure::Figure;

/// Selects a figure.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum FigureName {
    /// Figure 1: instructions of a request on the happy path; needs valgrind
    Instructions,
    /// Figure 2: allocations of a request on the happy path
    Allocations,
    /// Figure 3: processor time of a request, at 1, 16, 256 and 1,024 in flight
    CpuTime,
    /// Figure 4, one request: instructions, allocations and messages if it is refused; needs
    /// valgrind
    Refused,
    /// Figure 4, many requests: messages and time of a storm of refused ones
    Storms,
    /// Figure 7: a token that lives 400 ms under steady load
    Early,
    /// Figure 5: instructions and allocations of the machines alone
    Machines,
    /// Figure 5, second part: one session under 1 to 64 threads
    Contention,
    /// Figure 6: bytes that a request in flight holds, and a parked one, and an idle session
    Memory,
    /// Figure 6, second part: what a request costs after many others
    Growth,
    /// Figure 8: crates and CPU-seconds that a session adds to its client; some minutes, and so not with --quick unless named
    Build,
}

impl FigureName {
    /// The number of the figure, which may have several parts.
    pub(crate) const fn number(self) -> &'static str {
        match self {
            Self::Instructions => "1",
            Self::Allocations => "2",
            Self::CpuTime => "3",
            Self::Refused | Self::Storms => "4",
            Self::Machines | Self::Contention => "5",
            Self::Memory | Self::Growth => "6",
            Self::Early => "7",
            Self::Build => "8",
        }
    }

    /// Whether it runs with `--quick` only if it is named.
    pub(crate) const fn takes_minutes(self) -> bool {
        matches!(self, Self::Build)
    }

    pub(crate) fn measure(self, plan: &Plan) -> Result<Figure, BoxError> {
        match self {
            Self::Instructions => instructions::measure(plan),
            Self::Allocations => allocations::measure(plan),
            Self::CpuTime => cpu_time::measure(plan),
            Self::Refused => refused::measure(plan),
            Self::Storms => storms::measure(plan),
            Self::Early => early::measure(plan),
            Self::Machines => machines::measure(),
            Self::Contention => contention::measure(plan),
            Self::Memory => memory::measure(plan),
            Self::Growth => growth::measure(),
            Self::Build => build::measure(),
        }
    }
}
