//! The run: it starts the workers, and ends with the totals.

use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use reauth_reqwest::reauth::{Session, Transport};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::{select, signal};

use crate::Wrong;
use crate::access::{self, Access};
use crate::events::Events;
use crate::options::Options;
use crate::report;
use crate::request::{Template, Trail};
use crate::turns::Turns;
use crate::worker::{PATIENCE, Worker};

/// How many outcomes may wait for a slow reader of standard output.
const WAITING: usize = 64;

/// Performs the run.
pub(crate) async fn run<T: Transport + 'static>(
    transport: T,
    access: Access,
    template: Template,
    options: &Options,
) -> Result<ExitCode, Wrong> {
    let turns = Turns::of(&options.load);
    let bar = report::bar(turns.limit());
    let builder = Session::builder(transport).timeout(PATIENCE);
    let mut builder = access.give(builder).before_attempt(Trail::mark);
    let events = options.verbose.then(|| Events::write_beside(bar.clone()));
    if let Some(events) = &events {
        builder = builder.on_event(events.listener());
    }
    let session = builder.build().map_err(|error| access::wrong(&error))?;

    let (sender, outcomes) = mpsc::channel(WAITING);
    let (told, totals) = oneshot::channel();
    thread::spawn(move || told.send(report::write_all(outcomes, &bar)));
    let worker = Worker {
        session: session.clone(),
        template: Arc::new(template),
        turns: Arc::new(turns),
        outcomes: sender.clone(),
    };
    let mut workers = JoinSet::new();
    for _ in 0..options.load.concurrency {
        workers.spawn(worker.clone().work());
    }
    drop(worker);

    select! {
        () = async {
            while let Some(ended) = workers.join_next().await {
                ended.expect("a worker does not panic");
            }
        } => {}
        () = interrupted() => {}
        () = sender.closed() => {}
    }
    workers.shutdown().await;
    drop(sender);
    select! {
        // Waits for a refresh in flight, so that it is counted.
        _ = session.close() => {}
        () = interrupted() => {}
    }
    let totals = select! {
        totals = totals => totals.expect("the writer does not panic"),
        // The reader of standard output is stuck.
        () = interrupted() => return Ok(ExitCode::FAILURE),
    };
    let counts = session.counts();
    if let Some(events) = events {
        events.close();
    }
    Ok(totals.finish(counts))
}

/// Waits for Ctrl-C; never returns if it cannot be caught.
async fn interrupted() {
    if signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
