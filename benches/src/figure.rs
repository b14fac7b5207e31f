//! What a figure says: rows of values, and bars that are met or not. Plain data, from which the
//! table, the JSON and the plot are made.

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
    /// What the values are, a column each.
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Row>,
    pub(crate) bars: Vec<Bar>,
    /// How it was measured, and what is not in it.
    pub(crate) notes: Vec<String>,
    /// What a plot is drawn from, where there is one.
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

    /// What is more than bare, in the first column that says so.
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
    /// Of what there is one in a run.
    Count(f64),
    /// What is more than the baseline's.
    More(f64),
    /// The same, where it is not always as much.
    MoreOrLess(Spread),
    /// Of what was measured several times.
    Spread(Spread),
    /// What is measured against itself.
    Itself,
    /// Why there is none.
    NotMeasured(String),
}

impl Value {
    /// Of what was counted several times, and may be the same each time.
    pub(crate) fn counted(counts: Spread) -> Self {
        match counts.exact() {
            Some(count) => Self::Count(count),
            None => Self::Spread(counts),
        }
    }

    /// As [`Self::counted`], on top of the baseline's.
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
    /// What it is about was not measured: never a silent pass.
    NotMeasured,
}

impl Verdict {
    pub(crate) const fn of(met: bool) -> Self {
        if met { Self::Met } else { Self::NotMet }
    }
}
