//! What happened in a storm, and when: what its picture is drawn from.

use serde::{Deserialize, Serialize};

/// A storm of requests that are all refused, with one refresh in it. Times are milliseconds since
/// the first was sent.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Timeline {
    /// What it is, as `20 ms at the server for each answer`.
    pub(crate) what: String,
    /// What cannot be done in less, one part behind the other.
    pub(crate) bound: Vec<Part>,
    /// The token call.
    pub(crate) refresh: Option<Span>,
    pub(crate) requests: Vec<Passage>,
}

/// A part of the bound.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Part {
    /// As `round trip`.
    pub(crate) label: String,
    #[serde(flatten)]
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Span {
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// A request, from its first attempt to its answer.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Passage {
    pub(crate) sent: f64,
    pub(crate) refused: f64,
    pub(crate) replayed: f64,
    pub(crate) answered: f64,
}

impl Timeline {
    /// When the bound ends.
    pub(crate) fn bound_end(&self) -> f64 {
        self.bound
            .iter()
            .map(|part| part.span.to)
            .fold(0.0, f64::max)
    }

    /// When the last request had its answer.
    pub(crate) fn end(&self) -> f64 {
        let ends = self.requests.iter().map(|passage| passage.answered);
        ends.fold(0.0, f64::max)
    }
}
