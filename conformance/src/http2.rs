//! HTTP/2: what an adapter brings for it, and the server of its cases.

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
    /// A transport with connections of its own that speaks HTTP/2 for requests, and has no timeout
    /// for an answer.
    ///
    /// The servers of the cases speak HTTP/2 with prior knowledge, and HTTP/1.1 to a client that
    /// begins with that. It is called inside of [`run`](Adapter::run).
    fn http2_transport(&self) -> Self::Transport;

    /// The origin at which the transport reaches a server that listens at this address: by default
    /// `http://` and the address.
    ///
    /// An adapter over TLS starts a proxy here that ends TLS, and returns its `https` origin. The
    /// proxy must close a connection when either side has closed it. It is called inside of
    /// [`run`](Adapter::run).
    fn http2_origin(&self, server: SocketAddr) -> String {
        format!("http://{server}")
    }
}
