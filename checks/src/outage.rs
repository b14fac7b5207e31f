//! An outage of the token server: each session meets one fault, then the server recovers.
//!
//! [`row`] has all combinations and what must happen to their sessions, [`run`](mod@run) runs the
//! sessions of a row, [`session`] is one session, and [`tally`] counts and judges.

mod row;
mod run;
mod session;
mod tally;

use std::process::ExitCode;

use clap::{Args, value_parser};
use futures_util::{StreamExt, stream};
use tokio::runtime::Runtime;

use crate::client::{Client, ClientName, Reqwest};
use crate::{Verdict, descriptors, exit_code, progress};
use row::Row;

const QUICK: u16 = 20;
const MOST_ROWS_AT_ONCE: usize = 8;

/// Look for sessions that a fault of the token server ends, although they could be saved.
///
/// Each session holds a refresh token and an access token that is refused. Its first token call
/// meets a fault, then the server recovers. Each row has a fault, whether the server processed the
/// token call before it, whether the server rotates refresh tokens, and the session's `TokenUse`.
///
/// `live` counts the sessions that got a 200 and could refresh once more after that. `ended` counts
/// the sessions whose application was told to sign in, and which made no token call after that.
/// `calls` are the token calls that reached the server, from the fault until then, and `requests`
/// the calls of `execute`, both as the minimum and the maximum for a session. `reuses` are token
/// calls with a refresh token that was spent.
///
/// A session must live, with at most 2 calls and no reuse, if the outcome of its call is known, if
/// nothing was processed, or if the refresh token is reusable. It must end, with at most 2 calls,
/// if the server rotated and the response was lost. Under `single-use` every unknown outcome must
/// end it, after 1 call.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Number of sessions in each row, all at the same time
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = value_parser!(u16).range(1..=1000))]
    sessions: u16,

    /// The HTTP client; isahc needs a build with `--features isahc`
    #[arg(long, value_enum, value_name = "CLIENT", default_value = "reqwest")]
    client: ClientName,

    /// Only rows whose name contains this text, such as `502` or `learn`
    ///
    /// A name is `fault / processed / server / use`, such as `502 / answer lost / rotating / learn`.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,

    /// At most 20 sessions
    #[arg(long)]
    quick: bool,
}

pub(crate) fn run(options: &Options) -> ExitCode {
    exit_code(match options.client {
        ClientName::Reqwest => over::<Reqwest>(options),
        #[cfg(feature = "isahc")]
        ClientName::Isahc => over::<crate::client::Isahc>(options),
    })
}

fn over<C: Client>(options: &Options) -> Result<Verdict, String> {
    let only = options.only.as_deref().unwrap_or_default();
    let rows: Vec<Row> = row::all()
        .filter(|row| row.to_string().contains(only))
        .collect();
    if rows.is_empty() {
        let names: Vec<_> = row::all().map(|row| row.to_string()).collect();
        return Err(format!(
            "no row contains {only:?}; there are:\n  {}",
            names.join("\n  ")
        ));
    }
    descriptors::raise_limit()?;
    let sessions = match options.quick {
        true => options.sessions.min(QUICK),
        false => options.sessions,
    };
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(run_all::<C>(rows, sessions.into()))
}

async fn run_all<C: Client>(rows: Vec<Row>, sessions: usize) -> Result<Verdict, String> {
    let bar = progress::bar(rows.len() * sessions, "sessions");
    let at_once = (C::SESSIONS_AT_ONCE / sessions).clamp(1, MOST_ROWS_AT_ONCE);
    let bar_of_rows = &bar;
    let running = rows
        .into_iter()
        .map(|row| async move { (row, run::run::<C>(row, sessions, bar_of_rows).await) });
    let mut ended = stream::iter(running).buffered(at_once);
    let mut verdict = Verdict::Kept;
    progress::print(&bar, &tally::heading());
    while let Some((row, tally)) = ended.next().await {
        let tally = tally.map_err(|error| format!("{row}: {error}"))?;
        let (lines, of_row) = tally.report(row);
        progress::print(&bar, &lines);
        verdict = verdict.and(of_row);
    }
    bar.finish_and_clear();
    Ok(verdict)
}
