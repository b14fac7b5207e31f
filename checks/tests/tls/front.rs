//! TLS in front of a server that has none.

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

const PATIENCE: Duration = Duration::from_secs(10);

/// A proxy that ends TLS and passes the bytes on. It offers HTTP/2 and HTTP/1.1 (ALPN).
#[derive(Debug)]
pub(crate) struct Front {
    pem: String,
    config: Arc<ServerConfig>,
}

impl Front {
    /// With a certificate of its own, one for all servers.
    ///
    /// # Errors
    ///
    /// Where there is no certificate.
    pub(crate) fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let Certificate { pem, config } = Certificate::new(&["h2", "http/1.1"])?;
        Ok(Self { pem, config })
    }

    /// Its certificate, which nobody but itself has signed.
    pub(crate) fn certificate(&self) -> &str {
        &self.pem
    }

    /// Listens in front of this server as long as the runtime lives.
    ///
    /// # Errors
    ///
    /// Where there is no port.
    pub(crate) fn before(&self, server: SocketAddr, runtime: &Handle) -> io::Result<SocketAddr> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let acceptor = TlsAcceptor::from(Arc::clone(&self.config));
        runtime.spawn(accept(listener, server, acceptor));
        Ok(addr)
    }
}

/// One that cannot accept is noticed by its clients.
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

/// Until both sides have closed: a side that closes has the other told.
async fn pass(stream: TcpStream, server: SocketAddr, acceptor: TlsAcceptor) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut client = tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await??;
    let mut server = TcpStream::connect(server).await?;
    server.set_nodelay(true)?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
