//! The figures, one a file.

mod allocations;
mod instructions;
mod plan;

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
}

impl FigureName {
    pub(crate) fn measure(self, plan: &Plan) -> Result<Figure, BoxError> {
        match self {
            Self::Instructions => instructions::measure(plan),
            Self::Allocations => allocations::measure(plan),
        }
    }
}
