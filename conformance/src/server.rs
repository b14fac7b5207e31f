//! The server of the cases: a script that gets each connection, on its own thread.
//!
//! It parses just enough of HTTP/1.1 to record what arrives. Dropping it stops it and joins its
//! threads. A read or write that takes too long ends its connection, so no case waits for ever.

mod answer;
mod connection;
mod head;
mod received;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

pub(crate) use answer::Answer;
pub(crate) use connection::{Connection, is_closed};
pub(crate) use received::{Framing, Received};

use crate::{Outcome, Violation};

/// A running server.
pub(crate) struct Server {
    addr: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

/// What the threads record.
#[derive(Default)]
struct Shared {
    stopped: AtomicBool,
    received: Mutex<Vec<Received>>,
    /// Input that violates HTTP.
    illegal: Mutex<Vec<String>>,
    streams: Mutex<Vec<TcpStream>>,
}

impl Server {
    /// Starts a server that passes each connection to the script.
    pub(crate) fn start(
        script: impl Fn(&mut Connection) -> io::Result<()> + Send + Sync + 'static,
    ) -> Outcome<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let addr = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let acceptor = thread::spawn(move || accept(&listener, &theirs, &Arc::new(script)));
        Ok(Self {
            addr,
            shared,
            acceptor: Some(acceptor),
        })
    }

    /// Starts a server that reads each request to its end, answers it, and keeps the connection.
    pub(crate) fn answering(
        answer: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) -> Outcome<Self> {
        Self::start(move |connection| {
            while let Some(request) = connection.read()? {
                connection.answer(&answer(&request))?;
            }
            Ok(())
        })
    }

    /// Returns an absolute URL on this server.
    pub(crate) fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.addr)
    }

    /// Returns the requests that arrived whole, in the order in which they ended.
    ///
    /// Fails with a violation if anything else arrived.
    pub(crate) fn received(&self) -> Outcome<Vec<Received>> {
        match lock(&self.shared.illegal).first() {
            Some(illegal) => Err(Violation::new(format!("illegal on the wire: {illegal}"))),
            None => Ok(lock(&self.shared.received).clone()),
        }
    }

    /// Returns the only request that arrived.
    pub(crate) fn only(&self) -> Outcome<Received> {
        let mut received = self.received()?;
        match received.len() {
            1 => Ok(received.remove(0)),
            count => Err(Violation::new(format!("expected one request, got {count}"))),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the acceptor.
        drop(TcpStream::connect(self.addr));
        if let Some(acceptor) = self.acceptor.take() {
            _ = acceptor.join();
        }
    }
}

fn accept<S>(listener: &TcpListener, shared: &Arc<Shared>, script: &Arc<S>)
where
    S: Fn(&mut Connection) -> io::Result<()> + Send + Sync + 'static,
{
    let mut threads = Vec::new();
    for number in 0.. {
        let Ok((stream, _)) = listener.accept() else {
            break;
        };
        if shared.stopped.load(Ordering::SeqCst) {
            break;
        }
        let Ok(mut connection) = Connection::new(stream, number, Arc::clone(shared)) else {
            continue;
        };
        let (script, shared) = (Arc::clone(script), Arc::clone(shared));
        threads.push(thread::spawn(move || {
            // The client notices a broken connection by itself.
            if let Err(error) = script(&mut connection)
                && error.kind() == io::ErrorKind::InvalidData
            {
                lock(&shared.illegal).push(error.to_string());
            }
            connection.close();
        }));
    }
    for stream in lock(&shared.streams).drain(..) {
        _ = stream.shutdown(std::net::Shutdown::Both);
    }
    for thread in threads {
        _ = thread.join();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
