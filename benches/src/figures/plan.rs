//! What is measured, and how often.

use crate::contender::{Contender, HeldTo};
use crate::figure::Row;
use crate::target::Target;

/// The plan of a figure.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) target: Target,
    /// Each after its baseline.
    pub(crate) contenders: Vec<&'static Contender>,
    pub(crate) effort: Effort,
}

/// How often everything is repeated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Effort {
    Quick,
    Full,
}

impl Effort {
    /// One of two numbers, by the effort.
    pub(crate) fn pick<T>(self, quick: T, full: T) -> T {
        match self {
            Self::Quick => quick,
            Self::Full => full,
        }
    }
}

impl Plan {
    /// The contenders that have bars.
    pub(crate) fn barred(&self) -> impl Iterator<Item = &'static Contender> {
        let all = self.contenders.iter().copied();
        all.filter(|contender| contender.held_to() != HeldTo::Nothing)
    }

    /// All contenders, by case.
    pub(crate) fn rows<C: Copy>(
        &self,
        cases: &[C],
        row: impl Fn(C, &'static Contender) -> Row,
    ) -> Vec<Row> {
        let mut rows = Vec::new();
        for case in cases {
            rows.extend(
                self.contenders
                    .iter()
                    .map(|contender| row(*case, contender)),
            );
        }
        rows
    }
}
