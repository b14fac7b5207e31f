//! What an outage of the token server costs: each session meets one fault, then the server heals.
//!
//! `row` says which combinations there are and what must become of their sessions, `run` sends
//! the requests of one row, `session` those of one session, and `tally` counts and judges.

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

/// A fault of the token server must not end a session that can be saved.
///
/// Each session holds an access token that is refused and a refresh token. Its first token call
/// meets a fault, then the server heals. A row is a fault, whether the token call was processed
/// before it, whether the server rotates refresh tokens, and the session's `TokenUse`.
///
/// `live` counts the sessions whose request the server answered, and which then survived another
/// refresh. `ended` counts those that were told to sign in, and made no token call after that.
/// `calls` are the token calls that reached the server from the fault until then, and `requests`
/// the calls of `execute`, both as the least and the most of a session. `reuses` are token calls
/// with a refresh token that was spent.
///
/// Where the outcome is known, or nothing was processed, or the refresh token is reusable, a
/// session must live, with at most 2 calls and no reuse. If the server rotated and the answer was
/// lost, it must end, with at most 2 calls. Under `single-use` any unknown outcome must end it,
/// after 1 call.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// How many sessions meet each fault at once
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = value_parser!(u16).range(1..=1000))]
    sessions: u16,

    /// The HTTP client; isahc is there when built with `--features isahc`
    #[arg(long, value_enum, value_name = "CLIENT", default_value = "reqwest")]
    client: ClientName,

    /// Only rows whose name contains this, as `502` or `learn`
    ///
    /// A name is `fault / processed / server / use`, as `502 / answer lost / rotating / learn`.
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
