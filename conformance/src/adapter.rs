//! The trait that the author of an adapter implements.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use reauth::Transport;

use crate::Capabilities;

/// An adapter under test: how to build its transport, where to run it, and what it can do.
pub trait Adapter: Sync {
    /// The transport under test.
    type Transport: Transport + 'static;

    /// The client's own error: the transport's error, or one of its sources.
    type ClientError: Error + 'static;

    /// Builds a transport with its own connections and no response timeout.
    ///
    /// Called inside [`run`](Self::run).
    fn transport(&self) -> Self::Transport;

    /// Builds a transport that times out if a response takes this long; `None` if the client has no
    /// timeout.
    ///
    /// Called inside [`run`](Self::run).
    fn transport_with_timeout(&self, timeout: Duration) -> Option<Self::Transport>;

    /// Blocks until the future is ready, in the runtime that the transport needs.
    ///
    /// Background work of the client must make progress while this blocks.
    fn run<F>(&self, future: F) -> F::Output
    where
        F: Future<Output: Send> + Send;

    /// What this client can do, and what it does instead of what it cannot.
    fn capabilities(&self) -> Capabilities;
}
