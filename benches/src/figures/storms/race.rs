//! A storm and its bound, in turns.

use std::time::Duration;

use super::run::{Run, bound, storm};
use super::scenario::Scenario;
use crate::BoxError;
use crate::contender::Contender;
use crate::statistics::Spread;
use crate::target::Target;

/// The number of storms, each between two bounds.
#[derive(Debug)]
pub(super) struct Race {
    pub(super) storms: Vec<Run>,
    pub(super) bounds: Vec<Duration>,
}

impl Race {
    pub(super) fn run(
        server: &Target,
        contender: &Contender,
        size: usize,
        rounds: usize,
    ) -> Result<Self, BoxError> {
        let mut race = Self {
            storms: Vec::new(),
            bounds: vec![bound(server, contender, size)?],
        };
        for _ in 0..rounds {
            let run = storm(server, contender, Scenario::AtOnce, size)?;
            race.storms.push(run);
            race.bounds.push(bound(server, contender, size)?);
        }
        Ok(race)
    }

    /// Milliseconds.
    pub(super) fn took(&self) -> Option<Spread> {
        Spread::of(self.storms.iter().map(|run| milliseconds(run.took)))
    }

    /// Milliseconds.
    pub(super) fn bound(&self) -> Option<Spread> {
        Spread::of(self.bounds.iter().copied().map(milliseconds))
    }

    /// Each storm, divided by the two bounds around it.
    pub(super) fn ratio(&self) -> Option<Spread> {
        let around = self.bounds.windows(2);
        let ratios = self.storms.iter().zip(around).map(|(run, around)| {
            2.0 * run.took.as_secs_f64() / (around[0] + around[1]).as_secs_f64()
        });
        Spread::of(ratios)
    }

    /// Each bound, divided by the two around it.
    pub(super) fn noise(&self) -> Option<Spread> {
        let around = self.bounds.windows(3);
        let ratios = around
            .map(|bounds| 2.0 * bounds[1].as_secs_f64() / (bounds[0] + bounds[2]).as_secs_f64());
        Spread::of(ratios)
    }
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e4).round() / 10.0
}
