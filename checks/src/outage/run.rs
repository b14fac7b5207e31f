//! One row: its server, and all its sessions at the same time.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use reauth::Session;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::row::{CLIENT_TIMEOUT, Row};
use super::session::{Subject, prepare};
use super::tally::Tally;
use crate::account;
use crate::client::Client;
use crate::explain::explain;
use crate::server::{Fault, Server, Settings};

/// Deadline of a refresh if the server stays silent: the shortest that leaves time to connect on a
/// busy machine.
const SILENT_DEADLINE: Duration = Duration::from_secs(2);
/// Time from the last refused request until the port accepts connections. Each session has tried to
/// connect by then, and tries again a second later.
const REFUSING: Duration = Duration::from_millis(500);
/// Time limit until all sessions are refused.
const TIMEOUT: Duration = Duration::from_secs(10);

pub(super) async fn run<C: Client>(
    row: Row,
    sessions: usize,
    bar: &ProgressBar,
) -> Result<Tally, String> {
    let since = Instant::now();
    let settings = Settings {
        rotation: row.rotation,
        fault: Some((row.fault, row.processed)),
        idle: None,
    };
    let mut server = Server::start(sessions, settings).map_err(|error| explain(&error))?;
    let timeout = matches!(row.fault, Fault::Late(_)).then_some(CLIENT_TIMEOUT);
    let transport = C::transport(timeout)?;
    let subjects: Result<Vec<_>, String> = (0..sessions)
        .map(|number| {
            Ok(Subject {
                session: session(row, transport.clone(), &server, number)?,
                url: server.books_url(number),
                accounts: server.accounts().clone(),
                number,
            })
        })
        .collect();
    let mut running = JoinSet::new();
    for subject in subjects? {
        let fault = row.fault;
        running.spawn(async move {
            if fault == Fault::DeadConnection {
                prepare(&subject).await?;
            }
            Ok(subject.meet_fault().await)
        });
    }
    if row.fault == Fault::Refused {
        all_are_refused(&server, sessions).await;
        sleep(REFUSING).await;
        server.heal().map_err(|error| explain(&error))?;
    }
    let mut tally = Tally::default();
    while let Some(ended) = running.join_next().await {
        let ended: Result<_, String> = ended.map_err(|error| explain(&error))?;
        tally.add(ended?);
        bar.inc(1);
    }
    tally.took = since.elapsed();
    Ok(tally)
}

fn session<C>(row: Row, transport: C, server: &Server, number: usize) -> Result<Session<C>, String>
where
    C: reauth::Transport + 'static,
{
    let token_use = row.token_use.token_use();
    let mut builder = account::builder(transport, server, number, token_use)?;
    if row.fault == Fault::Silent {
        builder = builder.refresh_timeout(SILENT_DEADLINE);
    }
    builder.build().map_err(|error| explain(&error))
}

/// Waits until each session's request was refused, or until the timeout; the row then shows what is
/// missing.
async fn all_are_refused(server: &Server, sessions: usize) {
    let since = Instant::now();
    let refused = |number| server.accounts().seen(number).refused > 0;
    while !(0..sessions).all(refused) && since.elapsed() < TIMEOUT {
        sleep(Duration::from_millis(5)).await;
    }
}
