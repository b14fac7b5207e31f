//! The server's thread, whose runtime owns every connection.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;

use crate::shared::{Shared, lock};
use crate::{connection, routes};

/// A server on its own thread. Dropping it aborts the connections and joins the thread.
pub(crate) struct Server {
    addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(addr: SocketAddr, shared: Arc<Shared>) -> io::Result<Self> {
        let listener = StdListener::bind(addr)?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;

        let (stop, stopped) = oneshot::channel();
        let (started, starting) = mpsc::channel();
        let thread =
            thread::Builder::new()
                .name("mock-api".to_owned())
                .spawn(move || match open(listener) {
                    Ok((runtime, listener)) => {
                        runtime.spawn(accept(listener, shared));
                        _ = started.send(Ok(()));
                        // The sender is never used; dropping it is the signal.
                        _ = runtime.block_on(stopped);
                    }
                    Err(error) => _ = started.send(Err(error)),
                })?;
        starting
            .recv()
            .unwrap_or_else(|gone| Err(io::Error::other(gone)))?;

        Ok(Self {
            addr,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

/// Runs on the server's thread, because a runtime may not be dropped inside the caller's.
fn open(listener: StdListener) -> io::Result<(Runtime, TcpListener)> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let listener = {
        let _context = runtime.enter();
        TcpListener::from_std(listener)?
    };
    Ok((runtime, listener))
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let router = routes::router(Arc::clone(&shared));
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                lock(&shared.counts).connections += 1;
                // With Nagle's algorithm, a response in two segments waits for the client's delayed
                // ACK.
                _ = stream.set_nodelay(true);
                let connection = connection::serve(stream, peer, router.clone(), shared.clone());
                tokio::spawn(connection);
            }
            // Usually out of file descriptors: wait until some close instead of spinning.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
