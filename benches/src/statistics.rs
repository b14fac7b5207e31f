//! Median and spread.

use serde::Serialize;

/// The median and the spread of several samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Spread {
    /// From the smallest to the largest.
    pub(crate) fn of(samples: impl IntoIterator<Item = f64>) -> Option<Self> {
        Self::between(samples, 0.0, 1.0)
    }

    /// From the first quartile to the third.
    pub(crate) fn quartiles(samples: impl IntoIterator<Item = f64>) -> Option<Self> {
        Self::between(samples, 0.25, 0.75)
    }

    /// Combines the extremes of both.
    pub(crate) fn beyond(self, baseline: Self) -> Self {
        Self {
            median: self.median - baseline.median,
            low: self.low - baseline.high,
            high: self.high - baseline.low,
        }
    }

    /// The number, if all samples are equal.
    pub(crate) fn exact(self) -> Option<f64> {
        (self.low == self.high).then_some(self.median)
    }

    /// Rounds to three places.
    pub(crate) fn rounded(self) -> Self {
        let [median, low, high] =
            [self.median, self.low, self.high].map(|number| (number * 1e3).round() / 1e3);
        Self { median, low, high }
    }

    fn between(samples: impl IntoIterator<Item = f64>, low: f64, high: f64) -> Option<Self> {
        let mut samples: Vec<f64> = samples.into_iter().collect();
        samples.sort_by(f64::total_cmp);
        let last = samples.len().checked_sub(1)?;
        let at = |share: f64| samples[(last as f64 * share).round() as usize];
        Some(Self {
            median: at(0.5),
            low: at(low),
            high: at(high),
        })
    }
}
