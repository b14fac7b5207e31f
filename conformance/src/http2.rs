//! HTTP/2: the adapter's part, and the server of the cases.

mod connection;
mod http1;
mod plan;
mod server;

use std::net::SocketAddr;

pub(crate) use plan::{First, Plan};
pub use server::Http2Server;
pub(crate) use server::Settings;

use crate::Adapter;

/// An adapter whose client speaks HTTP/2, for [`http2_suite!`](crate::http2_suite).
pub trait Http2Adapter: Adapter {
    /// Builds a transport with its own connections that uses HTTP/2 for requests and has no
    /// response timeout.
    ///
    /// The servers of the cases speak HTTP/2 with prior knowledge, and HTTP/1.1 to a client that
    /// starts with it. Called inside [`run`](Adapter::run).
    fn http2_transport(&self) -> Self::Transport;

    /// Returns the origin at which the transport reaches a server that listens at this address.
    /// Default: `http://` and the address.
    ///
    /// An adapter over TLS starts a proxy here that terminates TLS, and returns its `https` origin.
    /// The proxy must close a connection when either side closes it. Called inside
    /// [`run`](Adapter::run).
    fn http2_origin(&self, server: SocketAddr) -> String {
        format!("http://{server}")
    }
}
