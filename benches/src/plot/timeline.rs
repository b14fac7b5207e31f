//! The data of a storm's picture.

use crate::timeline;

/// Times are milliseconds since the server received the first message.
pub(super) struct Timeline {
    /// What it shows.
    pub(super) what: String,
    /// The parts of the bound, one after the other.
    pub(super) bound: Vec<Part>,
    /// The token call.
    pub(super) refresh: Option<Span>,
    pub(super) requests: Vec<RequestSpan>,
    /// How long the callers waited for all of it.
    pub(super) took: f64,
}

/// A part of the bound.
pub(super) struct Part {
    pub(super) label: String,
    pub(super) span: Span,
}

#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) from: f64,
    pub(super) to: f64,
}

/// A request, from its first attempt to its response.
#[derive(Clone, Copy)]
pub(super) struct RequestSpan {
    pub(super) sent: f64,
    pub(super) refused: f64,
    pub(super) replayed: f64,
    pub(super) answered: f64,
}

impl Timeline {
    /// When the bound ends.
    pub(super) fn bound_end(&self) -> f64 {
        self.bound
            .iter()
            .map(|part| part.span.to)
            .fold(0.0, f64::max)
    }

    /// When the last request got its response.
    pub(super) fn end(&self) -> f64 {
        let ends = self.requests.iter().map(|request| request.answered);
        ends.fold(0.0, f64::max)
    }
}

impl From<&timeline::Timeline> for Timeline {
    fn from(storm: &timeline::Timeline) -> Self {
        let request = |journey: &timeline::Journey| {
            let replay = journey.replay?;
            Some(RequestSpan {
                sent: milliseconds(journey.attempt.arrived),
                refused: milliseconds(journey.attempt.answered),
                replayed: milliseconds(replay.arrived),
                answered: milliseconds(replay.answered),
            })
        };
        let span = |span: &timeline::Span| Span {
            from: milliseconds(span.arrived),
            to: milliseconds(span.answered),
        };
        Self {
            what: format!("{}, as its server saw it", storm.subject),
            bound: vec![Part {
                label: "two round trips and a token call, by the bare client".to_owned(),
                span: Span {
                    from: 0.0,
                    to: milliseconds(storm.bound as u64),
                },
            }],
            refresh: storm.token_calls.first().map(span),
            requests: storm.requests.iter().filter_map(request).collect(),
            took: milliseconds(storm.took as u64),
        }
    }
}

fn milliseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1000.0
}
