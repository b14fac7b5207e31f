//! Many callers that start at once, with one request each.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::StatusCode;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, spawn_blocking};

use super::Client;
use crate::BoxError;
use crate::ask::Ask;
use crate::server::SceneControl;

/// The callers of a storm.
#[derive(Debug)]
pub(crate) struct Storm {
    pub(crate) asks: Vec<Ask>,
    pub(crate) late: Option<Late>,
}

/// Callers that come while the first wait for a token: the scene holds its token call until each
/// of them has gone as far as it can.
#[derive(Debug)]
pub(crate) struct Late {
    pub(crate) asks: Vec<Ask>,
    pub(crate) scene: Arc<SceneControl>,
}

/// The result of a storm.
#[derive(Debug)]
pub(crate) struct Stormed {
    /// The time until the last response was read.
    pub(crate) took: Duration,
    pub(crate) ends: Vec<Result<StatusCode, BoxError>>,
}

type Caller = JoinHandle<Result<StatusCode, BoxError>>;

/// Runs on the runtime with one thread that calls this.
pub(super) async fn unleash<C: Client>(client: &Arc<C>, storm: Storm) -> Result<Stormed, BoxError> {
    let begun = Instant::now();
    let mut callers = call(client, storm.asks, &Arc::new(Semaphore::new(0)));
    if let Some(late) = storm.late {
        let scene = Arc::clone(&late.scene);
        spawn_blocking(move || scene.departed()).await??;
        let called = Arc::new(Semaphore::new(0));
        let all = late.asks.len().try_into()?;
        callers.extend(call(client, late.asks, &called));
        // The permit is taken and the request sent or parked without yielding in between.
        _ = called.acquire_many(all).await?;
        spawn_blocking(move || late.scene.release()).await??;
    }
    let mut ends = Vec::with_capacity(callers.len());
    for caller in callers {
        ends.push(caller.await?);
    }
    Ok(Stormed {
        took: begun.elapsed(),
        ends,
    })
}

fn call<C: Client>(client: &Arc<C>, asks: Vec<Ask>, called: &Arc<Semaphore>) -> Vec<Caller> {
    let call = |ask: Ask| {
        let (client, called) = (Arc::clone(client), Arc::clone(called));
        tokio::spawn(async move {
            called.add_permits(1);
            client.send(&ask).await
        })
    };
    asks.into_iter().map(call).collect()
}
