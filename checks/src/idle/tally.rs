//! The results of a round, and whether they are as they must be.

use std::collections::BTreeMap;
use std::time::Duration;

use super::moment::Met;
use crate::Verdict;

/// Token calls of a session in a round: one to open the connections, and one at the moment.
const CALLS: u32 = 2;

#[derive(Default)]
pub(super) struct Round {
    sessions: u32,
    live: u32,
    calls: u32,
    most_calls: u32,
    reuses: u32,
    kept: u32,
    failed: u32,
    pub(super) took: Duration,
}

impl Round {
    pub(super) fn add(&mut self, met: Met, errors: &mut Errors) {
        self.sessions += 1;
        self.calls += met.seen.calls;
        self.most_calls = self.most_calls.max(met.seen.calls);
        self.reuses += met.seen.reuses;
        self.kept += u32::from(met.kept);
        for failure in met.failures {
            self.failed += 1;
            errors.add("request failed", failure);
        }
        match met.served {
            Ok(()) if met.seen.served >= CALLS => self.live += 1,
            Ok(()) => errors.add("not served", "the server saw no request".to_owned()),
            Err(error) => errors.add("session lost", error),
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        let all_live = self.live == self.sessions;
        Verdict::of(all_live && self.most_calls <= CALLS && self.reuses == 0)
    }

    pub(super) fn line(&self, number: u16) -> String {
        line([
            &number.to_string(),
            &self.sessions.to_string(),
            &self.live.to_string(),
            &self.calls.to_string(),
            &self.reuses.to_string(),
            &self.kept.to_string(),
            &self.failed.to_string(),
            &format!("{:.1}", self.took.as_secs_f64()),
            match self.verdict() {
                Verdict::Kept => "ok",
                Verdict::Broken => "NOT OK",
            },
        ])
    }
}

pub(super) fn heading() -> String {
    line([
        "round", "sessions", "live", "calls", "reuses", "kept", "failed", "seconds", "",
    ])
}

fn line(cells: [&str; 9]) -> String {
    let [
        round,
        sessions,
        live,
        calls,
        reuses,
        kept,
        failed,
        seconds,
        verdict,
    ] = cells;
    format!(
        "{round:>5}  {sessions:>8}  {live:>4}  {calls:>5}  {reuses:>6}  {kept:>4}  {failed:>6}  \
         {seconds:>7}  {verdict}"
    )
    .trim_end()
    .to_owned()
}

/// The errors, and how many times each occurred.
#[derive(Default)]
pub(super) struct Errors(BTreeMap<(&'static str, String), u32>);

impl Errors {
    /// How many different errors to keep: one defect has fewer kinds of error, and more would only
    /// differ in numbers.
    const MOST: usize = 20;

    fn add(&mut self, what: &'static str, error: String) {
        let key = (what, error);
        if self.0.len() < Self::MOST || self.0.contains_key(&key) {
            *self.0.entry(key).or_default() += 1;
        }
    }

    pub(super) fn print(&self) {
        for ((what, error), times) in &self.0 {
            println!("{times} times: {what}: {error}");
        }
    }
}
