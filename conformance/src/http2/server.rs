//! A server that speaks HTTP/2 with prior knowledge, scripted by stream.
//!
//! It runs in a runtime on its own thread. Dropping it stops it and joins the thread. Each wait for
//! a client has a limit.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::{Plan, connection, http1};
use crate::server::{Answer, Received};
use crate::{Outcome, Violation};

/// How long the server waits for a client in any one step.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The start of an HTTP/2 connection (RFC 9113 section 3.4), and of no HTTP/1.1 request.
const PREFACE: &[u8] = b"PRI";

/// A server over HTTP/2 that records what it processed, for tests of a client.
///
/// It listens on a free port of the loopback interface until it is dropped. It speaks HTTP/2 with
/// prior knowledge, and HTTP/1.1 to a client that starts with it.
#[derive(Debug)]
pub struct Http2Server {
    addr: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How the server differs from one that answers on connections that stay open.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settings {
    /// Sends a GOAWAY after this many requests on a connection.
    pub(crate) goaway_after: Option<usize>,
    /// The flow-control windows of a stream and of a connection, in bytes, for uploads.
    pub(crate) windows: Option<(u32, u32)>,
}

type Script = dyn Fn(&Received) -> Plan + Send + Sync;

/// What the server records.
pub(super) struct Shared {
    pub(super) script: Box<Script>,
    pub(super) settings: Settings,
    connections: AtomicUsize,
    received: Mutex<Vec<Received>>,
    illegal: Mutex<Vec<String>>,
}

impl Http2Server {
    /// Starts a server that answers each request with a 200.
    ///
    /// After `goaway_after` requests on a connection it sends a GOAWAY whose last stream is that of
    /// the last one. It answers those, ignores later ones, and closes.
    ///
    /// # Errors
    ///
    /// If no port or no thread is available.
    pub fn counting(goaway_after: Option<usize>) -> io::Result<Self> {
        let settings = Settings {
            goaway_after,
            ..Settings::default()
        };
        Self::bind(settings, |_| Plan::Answer(Answer::new(200)))
    }

    /// Starts a server that asks the script what to do with each request, by its head.
    pub(crate) fn start(
        settings: Settings,
        script: impl Fn(&Received) -> Plan + Send + Sync + 'static,
    ) -> Outcome<Self> {
        Ok(Self::bind(settings, script)?)
    }

    fn bind(
        settings: Settings,
        script: impl Fn(&Received) -> Plan + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let shared = Arc::new(Shared {
            script: Box::new(script),
            settings,
            connections: AtomicUsize::new(0),
            received: Mutex::default(),
            illegal: Mutex::default(),
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new().spawn(move || {
            // Dropping the runtime ends the remaining connections.
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    // Clients notice if it cannot accept.
                    _ = accept(listener, theirs) => {}
                }
            });
        })?;
        Ok(Self {
            addr,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The address it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// How often a request was processed, by target.
    #[must_use]
    pub fn arrived(&self) -> BTreeMap<String, usize> {
        let mut arrived = BTreeMap::new();
        for received in lock(&self.shared.received).iter() {
            *arrived.entry(received.target.clone()).or_default() += 1;
        }
        arrived
    }

    /// How many connections were made.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Returns the processed requests, in order.
    ///
    /// Fails with a violation if a client violated HTTP/2.
    pub(crate) fn received(&self) -> Outcome<Vec<Received>> {
        match lock(&self.shared.illegal).first() {
            Some(illegal) => Err(Violation::new(format!("illegal on the wire: {illegal}"))),
            None => Ok(lock(&self.shared.received).clone()),
        }
    }
}

impl Drop for Http2Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

impl Shared {
    /// Records a request as processed.
    pub(super) fn record(&self, request: Received) {
        lock(&self.received).push(request);
    }

    pub(super) fn complain(&self, what: impl Into<String>) {
        lock(&self.illegal).push(what.into());
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        let number = shared.connections.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(serve(stream, number, Arc::clone(&shared)));
    }
}

/// Serves one connection; the client notices if it breaks.
async fn serve(stream: TcpStream, number: usize, shared: Arc<Shared>) {
    _ = stream.set_nodelay(true);
    let mut first = [0; PREFACE.len()];
    let begun = tokio::time::timeout(PATIENCE, stream.peek(&mut first)).await;
    match begun {
        Ok(Ok(1..)) if first[0] == PREFACE[0] && !is_http1(&first) => {
            connection::serve(stream, number, shared).await;
        }
        Ok(Ok(1..)) => http1::serve(stream, number, shared).await,
        Ok(_) | Err(_) => {}
    }
}

/// `P` begins a POST as well, so the second letter decides.
fn is_http1(first: &[u8]) -> bool {
    first[1] != PREFACE[1] && first[1] != 0
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
