//! The results of a row, and whether they are as they must be.

use std::time::Duration;

use super::row::{Fate, Row, Wanted};
use super::session::Ended;
use crate::Verdict;

#[derive(Default)]
pub(super) struct Tally {
    sessions: u32,
    live: u32,
    ended: u32,
    calls: Spread,
    requests: Spread,
    reuses: u32,
    most_reuses: u32,
    faults: u32,
    /// Why a session is neither live nor ended.
    neither: Option<String>,
    pub(super) took: Duration,
}

/// The minimum and the maximum for a session.
#[derive(Default)]
struct Spread(Option<(u32, u32)>);

impl Spread {
    fn add(&mut self, value: u32) {
        let (least, most) = self.0.unwrap_or((value, value));
        self.0 = Some((least.min(value), most.max(value)));
    }

    fn is_within(&self, wanted: &Wanted) -> bool {
        self.0.is_some_and(|(least, most)| {
            wanted.calls.contains(&least) && wanted.calls.contains(&most)
        })
    }

    fn text(&self) -> String {
        match self.0 {
            None => "-".to_owned(),
            Some((least, most)) if least == most => format!("{least}"),
            Some((least, most)) => format!("{least}-{most}"),
        }
    }
}

impl Tally {
    pub(super) fn add(&mut self, ended: Ended) {
        self.sessions += 1;
        self.calls.add(ended.calls);
        self.requests.add(ended.requests);
        self.reuses += ended.reuses;
        self.most_reuses = self.most_reuses.max(ended.reuses);
        self.faults += ended.faults;
        match ended.fate {
            Ok(Fate::Live) => self.live += 1,
            Ok(Fate::Ended) => self.ended += 1,
            Err(error) => self.neither = Some(error),
        }
    }

    /// A line of the table, followed by a line for each defect.
    pub(super) fn report(&self, row: Row) -> (String, Verdict) {
        let wrong = self.wrong(&row.wanted());
        let verdict = Verdict::of(wrong.is_empty());
        let mut lines = line([
            &row.fault.to_string(),
            &row.processed.to_string(),
            &row.rotation.to_string(),
            &row.token_use.to_string(),
            &self.sessions.to_string(),
            &self.live.to_string(),
            &self.ended.to_string(),
            &self.calls.text(),
            &self.reuses.to_string(),
            &self.requests.text(),
            &format!("{:.1}", self.took.as_secs_f64()),
            match verdict {
                Verdict::Kept => "ok",
                Verdict::Broken => "NOT OK",
            },
        ]);
        for wrong in wrong {
            lines += &format!("\n    {wrong}");
        }
        (lines, verdict)
    }

    fn wrong(&self, wanted: &Wanted) -> Vec<String> {
        let mut wrong = Vec::new();
        let (fate, reached) = match wanted.fate {
            Fate::Live => ("live", self.live),
            Fate::Ended => ("ended", self.ended),
        };
        if reached != self.sessions {
            wrong.push(format!(
                "{reached} of {} sessions {fate}, not all",
                self.sessions
            ));
        }
        if let Some(neither) = &self.neither {
            wrong.push(format!("neither live nor ended: {neither}"));
        }
        if !self.calls.is_within(wanted) {
            let (least, most) = (wanted.calls.start(), wanted.calls.end());
            let calls = self.calls.text();
            wrong.push(format!("{calls} calls of a session, not {least} to {most}"));
        }
        if self.most_reuses > wanted.reuses {
            wrong.push(format!(
                "{} reuses by one session, more than {}",
                self.most_reuses, wanted.reuses
            ));
        }
        let (least, most) = (wanted.faults.start(), wanted.faults.end());
        let (least, most) = (least * self.sessions, most * self.sessions);
        if !(least..=most).contains(&self.faults) {
            let faults = self.faults;
            wrong.push(format!(
                "{faults} token calls met the fault, not {least} to {most}"
            ));
        }
        wrong
    }
}

pub(super) fn heading() -> String {
    line([
        "fault",
        "processed",
        "server",
        "use",
        "sessions",
        "live",
        "ended",
        "calls",
        "reuses",
        "requests",
        "seconds",
        "",
    ])
}

/// Aligns words to the left and numbers to the right.
fn line(cells: [&str; 12]) -> String {
    let [
        fault,
        processed,
        server,
        token_use,
        sessions,
        live,
        ended,
        calls,
        reuses,
        requests,
        seconds,
        verdict,
    ] = cells;
    format!(
        "{fault:<21}  {processed:<11}  {server:<8}  {token_use:<10}  {sessions:>8}  {live:>4}  \
         {ended:>5}  {calls:>5}  {reuses:>6}  {requests:>8}  {seconds:>7}  {verdict}"
    )
    .trim_end()
    .to_owned()
}
