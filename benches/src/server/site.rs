//! The handler of a port.

use std::future::Future;
use std::io::Result;
use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket};

use super::answer::Answer;
use super::connection;
use super::request::Request;

/// The backlog of connections that are not accepted yet: more than any figure opens at once.
const BACKLOG: u32 = 4096;

/// Handles the requests of all connections of a port.
pub(crate) trait Site: Send + Sync + 'static {
    fn answer(&self, request: &Request) -> impl Future<Output = Answer> + Send;
}

/// A free port of this machine.
pub(crate) fn bind() -> Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    socket.listen(BACKLOG)
}

/// Serves for ever.
pub(crate) async fn serve<S: Site>(listener: TcpListener, site: Arc<S>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection::serve(stream, Arc::clone(&site)));
    }
}
