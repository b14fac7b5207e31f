//! The counts of one storm: its messages, from the server, and its outcomes, from the callers.

use std::collections::BTreeMap;

use http::StatusCode;
use reauth_reqwest::reauth;

use crate::BoxError;
use crate::load::Stormed;
use crate::server::{Kind, Record};

/// What is usually equal in each run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Tally {
    pub(super) messages: usize,
    pub(super) token_calls: usize,
    /// Spent refresh tokens that were sent again.
    pub(super) reused: usize,
    /// Refusals after the first token was granted.
    pub(super) late_refusals: usize,
    pub(super) answered: usize,
    /// Errors by kind.
    pub(super) errors: BTreeMap<String, usize>,
}

impl Tally {
    pub(super) fn new(record: &Record, stormed: &Stormed) -> Self {
        let granted = record.messages.iter();
        let granted = granted.filter(|one| one.kind == Kind::TokenCall && one.status == 200);
        let granted = granted.map(|one| one.answered).min();
        let mut tally = Self {
            messages: record.messages.len(),
            token_calls: record.token_calls(),
            reused: record.reused,
            late_refusals: record.count(|one| {
                one.is_refused_attempt() && granted.is_some_and(|granted| granted < one.answered)
            }),
            answered: 0,
            errors: BTreeMap::new(),
        };
        for end in &stormed.ends {
            match kind(end) {
                None => tally.answered += 1,
                Some(kind) => *tally.errors.entry(kind).or_default() += 1,
            }
        }
        tally
    }

    pub(super) fn failed(&self) -> usize {
        self.errors.values().sum()
    }
}

/// The error of a request, if it failed.
fn kind(end: &Result<StatusCode, BoxError>) -> Option<String> {
    match end {
        Ok(StatusCode::OK) => None,
        Ok(status) => Some(status.to_string()),
        Err(error) => Some(match error.downcast_ref::<reauth::Error>() {
            Some(error) => format!("{:?}", error.kind()),
            None => "an error".to_owned(),
        }),
    }
}
