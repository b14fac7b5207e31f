//! The callers of the clients: a closed loop, in which each caller sends one request after another,
//! or a storm, in which all start at once.

mod storm;

use std::future::Future;
use std::sync::Arc;
use std::thread;

use http::StatusCode;
use tokio::runtime::{Builder, Runtime};

use crate::BoxError;
use crate::ask::Ask;

pub(crate) use storm::{Late, Storm, Stormed};

/// A way to send a request and read its response to the end.
pub(crate) trait Client: Send + Sync + 'static {
    fn send(&self, ask: &Ask) -> impl Future<Output = Result<StatusCode, BoxError>> + Send;
}

/// The same, blocking its thread.
pub(crate) trait BlockingClient: Send + Sync + 'static {
    fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError>;
}

/// A running client, of any type.
pub(crate) trait Load {
    /// Runs one caller, with one request after another.
    fn series(&self, ask: &Ask, requests: usize) -> Result<(), BoxError>;

    /// Runs several callers at once, with several requests each.
    fn crowd(&self, ask: &Ask, callers: usize, requests: usize) -> Result<(), BoxError>;

    /// Runs several callers at once, with one request each.
    fn storm(&self, storm: Storm) -> Result<Stormed, BoxError>;
}

/// An async client, on a runtime with one thread, this one.
pub(crate) struct OnTokio<C> {
    runtime: Runtime,
    client: Arc<C>,
}

impl<C: Client> OnTokio<C> {
    pub(crate) fn boxed(
        client: impl FnOnce() -> Result<C, BoxError>,
    ) -> Result<Box<dyn Load>, BoxError> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let client = {
            let _entered = runtime.enter();
            Arc::new(client()?)
        };
        Ok(Box::new(Self { runtime, client }))
    }
}

impl<C: Client> Load for OnTokio<C> {
    fn series(&self, ask: &Ask, requests: usize) -> Result<(), BoxError> {
        self.runtime
            .block_on(one_by_one(&*self.client, ask, requests))
    }

    fn crowd(&self, ask: &Ask, callers: usize, requests: usize) -> Result<(), BoxError> {
        let ask = Arc::new(ask.clone());
        let call = || {
            let (client, ask) = (Arc::clone(&self.client), Arc::clone(&ask));
            self.runtime
                .spawn(async move { one_by_one(&*client, &ask, requests).await })
        };
        let callers: Vec<_> = (0..callers).map(|_| call()).collect();
        self.runtime.block_on(async {
            for caller in callers {
                caller.await??;
            }
            Ok(())
        })
    }

    fn storm(&self, storm: Storm) -> Result<Stormed, BoxError> {
        self.runtime.block_on(storm::unleash(&self.client, storm))
    }
}

/// A blocking client, with a thread for each caller.
pub(crate) struct OnThreads<C>(C);

impl<C: BlockingClient> OnThreads<C> {
    pub(crate) fn boxed(client: C) -> Box<dyn Load> {
        Box::new(Self(client))
    }
}

impl<C: BlockingClient> Load for OnThreads<C> {
    fn series(&self, ask: &Ask, requests: usize) -> Result<(), BoxError> {
        for _ in 0..requests {
            well(ask, self.0.send(ask)?)?;
        }
        Ok(())
    }

    fn crowd(&self, ask: &Ask, callers: usize, requests: usize) -> Result<(), BoxError> {
        thread::scope(|scope| {
            let call = || scope.spawn(|| self.series(ask, requests));
            let callers: Vec<_> = (0..callers).map(|_| call()).collect();
            for caller in callers {
                caller.join().map_err(|_| "a caller panicked")??;
            }
            Ok(())
        })
    }

    fn storm(&self, _: Storm) -> Result<Stormed, BoxError> {
        // There is no way to know when each thread has gone as far as it can.
        Err("no storm of threads".into())
    }
}

async fn one_by_one<C: Client>(client: &C, ask: &Ask, requests: usize) -> Result<(), BoxError> {
    for _ in 0..requests {
        well(ask, client.send(ask).await?)?;
    }
    Ok(())
}

fn well(ask: &Ask, status: StatusCode) -> Result<(), BoxError> {
    match status {
        StatusCode::OK => Ok(()),
        status => Err(format!("{} answered {status}", ask.url).into()),
    }
}
