//! A refresh at the moment at which the server closes its idle connections.
//!
//! [`moment`] runs a round of one session, and [`tally`] counts and judges.

mod moment;
mod tally;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, value_parser};
use indicatif::ProgressBar;
use reauth::machine::TokenUse;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::client::{Client, ClientName, Reqwest};
use crate::explain::explain;
use crate::server::{Rotation, Server, Settings};
use crate::{Verdict, account, descriptors, exit_code, progress};
use moment::Subject;
use tally::{Errors, Round};

/// Look for refreshes that fail because the server closes an idle connection at that moment.
///
/// Each session keeps connections to the server alive. The server closes a connection when it has
/// been idle for a while. Around that moment, a few milliseconds before or after it, the session
/// sends a request that is refused with a 401, so that it refreshes.
///
/// `live` counts the sessions that got a 200, `calls` the token calls that reached the server, and
/// `reuses` those with a refresh token that was spent. `kept` counts the refused requests that
/// arrived over a connection that had been used before; for the others it was closed already.
/// `failed` counts requests that failed because their own connection was closed. They are repeated,
/// as an application would do it, and are no defect. All sessions must be live, with two calls each
/// and no reuse.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Number of sessions
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = value_parser!(u16).range(1..=1000))]
    sessions: u16,

    /// Number of rounds
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = value_parser!(u16).range(1..=1000))]
    rounds: u16,

    /// Time after which the server closes an idle connection, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 300, value_parser = value_parser!(u64).range(50..=10_000))]
    idle: u64,

    /// Longest time between a request and that moment, before or after it, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 5, value_parser = value_parser!(u64).range(0..=40))]
    spread: u64,

    /// The HTTP client; isahc needs a build with `--features isahc`
    #[arg(long, value_enum, value_name = "CLIENT", default_value = "reqwest")]
    client: ClientName,
}

pub(crate) fn run(options: &Options) -> ExitCode {
    exit_code(match options.client {
        ClientName::Reqwest => over::<Reqwest>(options),
        #[cfg(feature = "isahc")]
        ClientName::Isahc => over::<crate::client::Isahc>(options),
    })
}

fn over<C: Client>(options: &Options) -> Result<Verdict, String> {
    let sessions = usize::from(options.sessions);
    if sessions > C::SESSIONS_AT_ONCE {
        let most = C::SESSIONS_AT_ONCE;
        return Err(format!("--sessions: this client allows at most {most}"));
    }
    descriptors::raise_limit()?;
    let runtime = Runtime::new().map_err(|error| explain(&error))?;
    runtime.block_on(all_rounds::<C>(options, sessions))
}

async fn all_rounds<C: Client>(options: &Options, sessions: usize) -> Result<Verdict, String> {
    let idle = Duration::from_millis(options.idle);
    let settings = Settings {
        rotation: Rotation::Rotating,
        fault: None,
        idle: Some(idle),
    };
    let server = Server::start(sessions, settings).map_err(|error| explain(&error))?;
    let subjects: Result<Vec<_>, String> = (0..sessions)
        .map(|number| {
            // Each session has its own client, so that the idle time of its connection is known.
            let transport = C::transport(None)?;
            let builder = account::builder(transport, &server, number, TokenUse::Learn)?;
            // The default limit is lower than two refreshes a round.
            let builder = builder.refresh_limit(1000, Duration::from_secs(1));
            Ok(Arc::new(Subject {
                session: builder.build().map_err(|error| explain(&error))?,
                url: server.books_url(number),
                accounts: server.accounts().clone(),
                number,
                wait: wait(
                    idle,
                    Duration::from_millis(options.spread),
                    number,
                    sessions,
                ),
            }))
        })
        .collect();
    let subjects = subjects?;

    let bar = progress::bar(sessions * usize::from(options.rounds), "sessions");
    let mut verdict = Verdict::Kept;
    let mut errors = Errors::default();
    progress::print(&bar, &tally::heading());
    for number in 1..=options.rounds {
        let round = one_round(&subjects, &mut errors, &bar).await?;
        progress::print(&bar, &round.line(number));
        verdict = verdict.and(round.verdict());
    }
    bar.finish_and_clear();
    errors.print();
    Ok(verdict)
}

async fn one_round<T>(
    subjects: &[Arc<Subject<T>>],
    errors: &mut Errors,
    bar: &ProgressBar,
) -> Result<Round, String>
where
    T: reauth::Transport + 'static,
{
    let since = Instant::now();
    let mut running = JoinSet::new();
    for subject in subjects {
        let subject = Arc::clone(subject);
        running.spawn(async move { subject.meet_moment().await });
    }
    let mut round = Round::default();
    while let Some(met) = running.join_next().await {
        round.add(met.map_err(|error| explain(&error))?, errors);
        bar.inc(1);
    }
    round.took = since.elapsed();
    Ok(round)
}

/// The time between a response and the session's next request. The sessions are spread evenly
/// around the moment.
fn wait(idle: Duration, spread: Duration, number: usize, sessions: usize) -> Duration {
    let part = match sessions {
        0 | 1 => 0.5,
        _ => number as f64 / (sessions - 1) as f64,
    };
    idle - spread + spread.mul_f64(2.0 * part)
}
