//! The data of a figure: rows of values, and bars that are met or not. The table, the JSON and the
//! plot are made from it.

use serde::Serialize;

use crate::contender::Contender;
use crate::statistics::Spread;
use crate::timeline::Timeline;

/// One figure, measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    /// Its number, as in the documentation.
    pub(crate) id: u8,
    pub(crate) title: &'static str,
    /// The columns of the values.
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Row>,
    pub(crate) bars: Vec<Bar>,
    /// How it was measured, and what is left out.
    pub(crate) notes: Vec<String>,
    /// The data of its plot, if it has one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) timelines: Vec<Timeline>,
}

/// The values of one contender in one case.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) case: String,
    pub(crate) subject: String,
    pub(crate) values: Vec<Value>,
}

impl Row {
    pub(crate) fn new(case: &str, contender: &Contender, values: Vec<Value>) -> Self {
        Self {
            case: case.to_owned(),
            subject: contender.name.to_owned(),
            values,
        }
    }

    /// What it takes more than bare, from the first such column.
    pub(crate) fn more(&self) -> Option<f64> {
        self.values.iter().find_map(|value| match value {
            Value::More(more) => Some(*more),
            Value::MoreOrLess(more) => Some(more.median),
            Value::Count(_) | Value::Spread(_) | Value::Itself | Value::NotMeasured(_) => None,
        })
    }
}

/// A measured value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Value {
    /// A value with one sample in a run.
    Count(f64),
    /// The difference to the baseline.
    More(f64),
    /// The same, if it varies.
    MoreOrLess(Spread),
    /// A value with several samples.
    Spread(Spread),
    /// The baseline measured against itself.
    Itself,
    /// Why there is no value.
    NotMeasured(String),
}

impl Value {
    /// A count with several samples, which may all be equal.
    pub(crate) fn counted(counts: Spread) -> Self {
        match counts.exact() {
            Some(count) => Self::Count(count),
            None => Self::Spread(counts),
        }
    }

    /// The same as [`Self::counted`], as a difference to the baseline.
    pub(crate) fn more(counts: Spread) -> Self {
        match counts.exact() {
            Some(count) => Self::More(count),
            None => Self::MoreOrLess(counts),
        }
    }
}

/// A claim, and whether it held.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Bar {
    pub(crate) claim: String,
    pub(crate) measured: String,
    pub(crate) verdict: Verdict,
}

impl Bar {
    pub(crate) fn not_measured(claim: String) -> Self {
        Self {
            claim,
            measured: "no figure".to_owned(),
            verdict: Verdict::NotMeasured,
        }
    }
}

/// Whether a bar is met.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Met,
    NotMet,
    /// What the claim is about was not measured; it must not pass silently.
    NotMeasured,
}

impl Verdict {
    pub(crate) const fn of(met: bool) -> Self {
        if met { Self::Met } else { Self::NotMet }
    }
}
