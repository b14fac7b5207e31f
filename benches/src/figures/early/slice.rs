//! One slice of steady load: some callers, each with one request after another, for some time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::StatusCode;
use tokio::runtime::{Builder, Runtime};

use crate::BoxError;
use crate::ask::{Ask, Case};
use crate::contenders::{Early, Entry, SessionWatched};
use crate::server::{Accepts, Message, SceneControl, Setup};
use crate::target::Target;

pub(super) const CALLERS: usize = 16;

/// How long the server delays each response, token calls included, in milliseconds.
pub(super) const PAUSE: u64 = 5;

/// The result of a slice.
#[derive(Debug)]
pub(super) struct Slice {
    pub(super) lasted: Duration,
    /// Sorted.
    pub(super) latencies: Vec<Duration>,
    /// Requests that were not signed in their first poll.
    pub(super) waited: usize,
    /// Requests that waited for the refresh of another one, as the session counts them.
    pub(super) joined: u64,
    /// Refreshes in the server's record.
    pub(super) refused: usize,
    pub(super) refreshes: usize,
}

/// The requests of one caller: how long each took, and how it started.
type Served = Vec<(Duration, Entry)>;

impl Slice {
    pub(super) fn run(
        server: &Target,
        lifetime_ms: Option<u64>,
        early: Early,
        lasts: Duration,
    ) -> Result<Self, BoxError> {
        let setup = Setup {
            accepts: Accepts::Issued,
            lifetime_ms,
            pause_ms: PAUSE,
            token_pause_ms: PAUSE,
            ..Setup::default()
        };
        let scene = SceneControl::open(server, &setup)?;
        let target = scene.target();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let session = {
            let _entered = runtime.enter();
            Arc::new(SessionWatched::new(&target, early)?)
        };
        let ask = Arc::new(Ask::new(
            format!("{}/books", target.origin),
            Case::new(5, 0),
        ));
        // This request is refused; from then on the session has a token with a known lifetime.
        runtime.block_on(session.send(&ask))?;
        let before = scene.record()?.messages.len();
        let joined = session.counts().joined;
        let begun = Instant::now();
        let served = crowd(&runtime, &session, &ask, begun + lasts)?;
        let lasted = begun.elapsed();
        let joined = session.counts().joined - joined;
        let messages = scene.record()?.messages.split_off(before);
        let waited = served.iter().filter(|(_, entry)| *entry == Entry::Waited);
        let waited = waited.count();
        let mut latencies: Vec<_> = served.into_iter().map(|(latency, _)| latency).collect();
        latencies.sort();
        let count = |holds: fn(&Message) -> bool| messages.iter().filter(|one| holds(one)).count();
        Ok(Self {
            lasted,
            latencies,
            waited,
            joined,
            refused: count(Message::is_refused_attempt),
            refreshes: count(Message::is_token_call),
        })
    }

    /// The milliseconds that this share of all requests did not exceed.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let at = self.latencies.get((last as f64 * share).round() as usize);
        at.map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
    }
}

fn crowd(
    runtime: &Runtime,
    session: &Arc<SessionWatched>,
    ask: &Arc<Ask>,
    until: Instant,
) -> Result<Served, BoxError> {
    let call = |_| {
        let (session, ask) = (Arc::clone(session), Arc::clone(ask));
        runtime.spawn(async move { one_by_one(&session, &ask, until).await })
    };
    let callers: Vec<_> = (0..CALLERS).map(call).collect();
    runtime.block_on(async {
        let mut all = Vec::new();
        for caller in callers {
            all.extend(caller.await??);
        }
        Ok(all)
    })
}

async fn one_by_one(
    session: &SessionWatched,
    ask: &Ask,
    until: Instant,
) -> Result<Served, BoxError> {
    let mut served = Vec::new();
    loop {
        let begun = Instant::now();
        if begun >= until {
            return Ok(served);
        }
        let (status, entry) = session.send(ask).await?;
        if status != StatusCode::OK {
            return Err(format!("under steady load: {status}").into());
        }
        served.push((begun.elapsed(), entry));
    }
}
