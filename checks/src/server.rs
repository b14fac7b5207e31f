//! A server with an API and a token endpoint for each account, and a fault for a token call.
//!
//! [`accounts`] decides what is accepted and counts what arrives, [`fault`] defines the faults, and
//! [`connection`] serves a connection.

mod accounts;
mod connection;
mod fault;
mod request;
pub(crate) mod tokens;

use std::io::Result;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

pub(crate) use accounts::{Accounts, Rotation, Seen};
pub(crate) use fault::{Cut, Fault, Processed};

/// Far more connections than the sessions of one server open.
const CONNECTIONS: usize = 8192;
const BACKLOG: u32 = 1024;

/// How the server treats what arrives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) rotation: Rotation,
    /// The fault that the token call of an armed account meets.
    pub(crate) fault: Option<(Fault, Processed)>,
    /// Time after which the server closes an idle connection.
    pub(crate) idle: Option<Duration>,
}

/// A running server. Dropping it stops the server.
pub(crate) struct Server {
    accounts: Arc<Accounts>,
    settings: Settings,
    api: SocketAddr,
    tokens: SocketAddr,
    /// The socket of the token endpoint while it refuses connections: bound, but not listening.
    refusing: Option<TcpSocket>,
    tasks: JoinSet<()>,
}

impl Server {
    /// Listens on a port of this machine. If the fault is [`Fault::Refused`], the token endpoint has
    /// its own port, which refuses connections until [`heal`](Self::heal).
    pub(crate) fn start(accounts: usize, settings: Settings) -> Result<Self> {
        let (api, listening) = bind()?;
        let mut server = Self {
            accounts: Arc::new(Accounts::new(accounts, settings.rotation)),
            settings,
            api,
            tokens: api,
            refusing: None,
            tasks: JoinSet::new(),
        };
        server.listen(listening)?;
        if let Some((Fault::Refused, _)) = settings.fault {
            let (tokens, refusing) = bind()?;
            server.tokens = tokens;
            server.refusing = Some(refusing);
        }
        Ok(server)
    }

    /// Accepts connections from now on, if they were refused.
    pub(crate) fn heal(&mut self) -> Result<()> {
        match self.refusing.take() {
            Some(socket) => self.listen(socket),
            None => Ok(()),
        }
    }

    pub(crate) fn accounts(&self) -> &Arc<Accounts> {
        &self.accounts
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.api)
    }

    /// The API of an account, which requires its access token.
    pub(crate) fn books_url(&self, account: usize) -> String {
        format!("http://{}/{account}/books", self.api)
    }

    pub(crate) fn token_url(&self, account: usize) -> String {
        format!("http://{}/{account}/token", self.tokens)
    }

    fn listen(&mut self, socket: TcpSocket) -> Result<()> {
        let listener = socket.listen(BACKLOG)?;
        let (accounts, settings) = (Arc::clone(&self.accounts), self.settings);
        self.tasks.spawn(accept(listener, accounts, settings));
        Ok(())
    }
}

fn bind() -> Result<(SocketAddr, TcpSocket)> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    Ok((socket.local_addr()?, socket))
}

async fn accept(listener: TcpListener, accounts: Arc<Accounts>, settings: Settings) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    while let Ok(permit) = Arc::clone(&room).acquire_owned().await {
        if let Ok((stream, _)) = listener.accept().await {
            let accounts = Arc::clone(&accounts);
            connections.spawn(serve(stream, accounts, settings, permit));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(
    stream: TcpStream,
    accounts: Arc<Accounts>,
    settings: Settings,
    _permit: OwnedSemaphorePermit,
) {
    // The client notices an error itself.
    _ = connection::serve(stream, &accounts, settings).await;
}
