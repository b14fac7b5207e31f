//! The requests: so many at a time, and nothing kept of those that have ended.

use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use reauth_reqwest::reauth::{Error, ErrorKind, Session, Transport};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio::{select, signal};

use crate::Wrong;
use crate::access::{self, Access};
use crate::events::Events;
use crate::explain::{explain, snake_case};
use crate::options::Options;
use crate::report::{self, Line, Outcome};
use crate::request::{Template, Trail};
use crate::turns::{Turn, Turns};

/// How long a request may take, and how long the body of its answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many outcomes may wait for a slow reader of standard output.
const WAITING: usize = 64;

/// The whole run.
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
        () = async { while workers.join_next().await.is_some() {} } => {}
        () = interrupted() => {}
        () = sender.closed() => {}
    }
    workers.shutdown().await;
    drop(sender);
    select! {
        // A refresh may be up, which counts.
        _ = session.close() => {}
        () = interrupted() => {}
    }
    let totals = select! {
        totals = totals => totals.expect("the writer does not panic"),
        // The reader of the lines is stuck.
        () = interrupted() => return Ok(ExitCode::FAILURE),
    };
    let counts = session.counts();
    if let Some(events) = events {
        events.close();
    }
    Ok(totals.finish(counts))
}

/// Ctrl-C; never, where there is none.
async fn interrupted() {
    if signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// Who sends one request after another.
struct Worker<T> {
    session: Session<T>,
    template: Arc<Template>,
    turns: Arc<Turns>,
    outcomes: mpsc::Sender<Outcome>,
}

impl<T: Transport + 'static> Worker<T> {
    async fn work(self) {
        while let Turn::Go = self.turns.next().await {
            let outcome = self.fetch().await;
            if self.outcomes.send(outcome).await.is_err() {
                return;
            }
        }
    }

    async fn fetch(&self) -> Outcome {
        let trail = Arc::new(Trail::default());
        let request = self.template.request(Arc::clone(&trail));
        let since = Instant::now();
        let mut status = None;
        let failed = match self.session.execute(request).await {
            Ok(mut response) => {
                status = Some(T::status(&response).as_u16());
                read::<T>(&mut response).await.err()
            }
            Err(error) => Some((snake_case(error.kind()), because(&error))),
        };
        let (error, because) = failed.unzip();
        let line = Line {
            status,
            attempts: trail.attempts(),
            generation: trail.generation(),
            ms: (since.elapsed().as_secs_f64() * 10_000.0).round() / 10.0,
            error,
        };
        Outcome { line, because }
    }
}

impl<T> Clone for Worker<T> {
    fn clone(&self) -> Self {
        Self {
            session: self.session.clone(),
            template: Arc::clone(&self.template),
            turns: Arc::clone(&self.turns),
            outcomes: self.outcomes.clone(),
        }
    }
}

fn because(error: &Error) -> String {
    if error.kind() == ErrorKind::OriginNotAllowed {
        return format!("{}; here: --allow-origin", explain(error));
    }
    explain(error)
}

/// Reads an answer to its end, piece by piece.
async fn read<T: Transport>(response: &mut T::Response) -> Result<(), (String, String)> {
    let whole = async {
        while T::chunk(response).await?.is_some() {}
        Ok(())
    };
    match timeout(PATIENCE, whole).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            let error: T::Error = error;
            Err(("body".to_owned(), explain(&error)))
        }
        Err(_) => Err((
            "timeout".to_owned(),
            "the answer's body took too long".to_owned(),
        )),
    }
}
