//! A proxy that adds TLS to a server.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio_rustls::TlsAcceptor;

use crate::certificate::Certificate;

/// Time limit for a handshake.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A proxy that terminates TLS and forwards the bytes. It offers HTTP/2 and HTTP/1.1 by ALPN.
#[derive(Debug)]
pub(crate) struct Front {
    pem: String,
    config: Arc<ServerConfig>,
}

impl Front {
    /// With a new certificate, which is the same for all servers.
    pub(crate) fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let Certificate { pem, config } = Certificate::new(&["h2", "http/1.1"])?;
        Ok(Self { pem, config })
    }

    /// The self-signed certificate.
    pub(crate) fn certificate(&self) -> &str {
        &self.pem
    }

    /// Listens on a new port for this server, as long as the runtime lives.
    pub(crate) fn before(&self, server: SocketAddr, runtime: &Handle) -> io::Result<SocketAddr> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let acceptor = TlsAcceptor::from(Arc::clone(&self.config));
        runtime.spawn(accept(listener, server, acceptor));
        Ok(addr)
    }
}

/// If it cannot accept a connection, the clients notice.
async fn accept(
    listener: std::net::TcpListener,
    server: SocketAddr,
    acceptor: TlsAcceptor,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(pass(stream, server, acceptor.clone()));
    }
}

/// Forwards until both sides have closed. If one side closes, the other is told.
async fn pass(stream: TcpStream, server: SocketAddr, acceptor: TlsAcceptor) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut client = tokio::time::timeout(TIMEOUT, acceptor.accept(stream)).await??;
    let mut server = TcpStream::connect(server).await?;
    server.set_nodelay(true)?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
