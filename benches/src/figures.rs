//! The figures, one a file.

mod allocations;
mod cpu_time;
mod early;
mod instructions;
mod plan;
mod refused;
mod storms;
mod surcharges;

use clap::ValueEnum;

pub(crate) use plan::{Effort, Plan};

use crate::BoxError;
use crate::figure::Figure;

/// Which figure.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum FigureName {
    /// Figure 1: instructions of a request on the happy path; needs valgrind
    #[value(alias = "1")]
    Instructions,
    /// Figure 2: allocations of a request on the happy path
    #[value(alias = "2")]
    Allocations,
    /// Figure 3: processor time of a request, at 1, 16, 256 and 1,024 in flight
    #[value(alias = "3")]
    CpuTime,
    /// Figure 4, one request: instructions, allocations and messages where it is refused; needs
    /// valgrind
    #[value(alias = "4a")]
    Refused,
    /// Figure 4, many requests: messages and time of a storm of refused ones
    #[value(alias = "4b")]
    Storms,
    /// Figure 7: a token that lives 400 ms under steady load
    #[value(alias = "7")]
    Early,
}

impl FigureName {
    pub(crate) fn measure(self, plan: &Plan) -> Result<Figure, BoxError> {
        match self {
            Self::Instructions => instructions::measure(plan),
            Self::Allocations => allocations::measure(plan),
            Self::CpuTime => cpu_time::measure(plan),
            Self::Refused => refused::measure(plan),
            Self::Storms => storms::measure(plan),
            Self::Early => early::measure(plan),
        }
    }
}
