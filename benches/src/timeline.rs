//! A storm as its server saw it, for a plot.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::server::{Kind, Message, Record};

/// One storm. Times are microseconds since its first message arrived.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Timeline {
    pub(crate) subject: String,
    pub(crate) requests: Vec<Journey>,
    pub(crate) token_calls: Vec<Span>,
    /// How long the callers waited for the last response, from before they sent anything.
    pub(crate) took: u128,
    /// The bound: two round trips of as many bare requests and a token call, as the callers saw it.
    pub(crate) bound: u128,
}

/// One request.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Journey {
    pub(crate) number: usize,
    pub(crate) attempt: Span,
    /// `None` if the first attempt was not refused, or nothing followed.
    pub(crate) replay: Option<Span>,
}

/// From the arrival of a message until its response.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Span {
    pub(crate) arrived: u64,
    pub(crate) answered: u64,
}

impl Timeline {
    pub(crate) fn new(subject: &str, record: &Record, took: Duration, bound: Duration) -> Self {
        let mut attempts = BTreeMap::<usize, Vec<Span>>::new();
        let mut token_calls = Vec::new();
        for message in &record.messages {
            match message.kind {
                Kind::TokenCall => token_calls.push(Span::of(message)),
                Kind::Attempt(Some(number)) => {
                    attempts.entry(number).or_default().push(Span::of(message));
                }
                Kind::Attempt(None) => {}
            }
        }
        let journey = |(number, spans): (usize, Vec<Span>)| {
            Some(Journey {
                number,
                attempt: *spans.first()?,
                replay: spans.get(1).copied(),
            })
        };
        Self {
            subject: subject.to_owned(),
            requests: attempts.into_iter().filter_map(journey).collect(),
            token_calls,
            took: took.as_micros(),
            bound: bound.as_micros(),
        }
    }
}

impl Span {
    const fn of(message: &Message) -> Self {
        Self {
            arrived: message.arrived,
            answered: message.answered,
        }
    }
}
