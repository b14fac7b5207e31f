//! What the author of an adapter brings.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use reauth::Transport;

use crate::Capabilities;

/// An adapter under test: how to make its transport, where to run it, and what it can do.
pub trait Adapter: Sync {
    /// The transport.
    type Transport: Transport + 'static;

    /// The client's own error, which the error of the transport is, or has among its sources.
    type ClientError: Error + 'static;

    /// A transport with connections of its own, and without a timeout for an answer.
    ///
    /// It is called inside of [`run`](Self::run).
    fn transport(&self) -> Self::Transport;

    /// The same, with so much time for each answer; `None` where the client offers no timeout.
    ///
    /// It is called inside of [`run`](Self::run).
    fn transport_with_timeout(&self, timeout: Duration) -> Option<Self::Transport>;

    /// Blocks until the future is ready, in the world that the transport needs.
    ///
    /// What the client runs beside the future must make progress as long as this blocks.
    fn run<F>(&self, future: F) -> F::Output
    where
        F: Future<Output: Send> + Send;

    /// What this client can do, and what it does in place of what it cannot.
    fn capabilities(&self) -> Capabilities;
}
