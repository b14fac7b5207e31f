//! A transport over reqwest with one fault.

mod answered;
mod faults;
mod outgoing;
mod spoiled;

pub use faults::Fault;
pub use spoiled::Spoiled;

use std::future::Future;
use std::time::Duration;

use reauth_conformance::{Adapter, Capabilities, Http2Adapter};
use reauth_reqwest::ReqwestTransport;
use reauth_reqwest::reqwest::{self, retry};

/// The adapter of a client with this fault.
pub struct With {
    fault: Fault,
    declared: fn(Capabilities) -> Capabilities,
}

impl With {
    pub const fn fault(fault: Fault) -> Self {
        let declared = |capabilities| capabilities;
        Self { fault, declared }
    }

    /// What it declares of its client.
    pub const fn declaring(self, declared: fn(Capabilities) -> Capabilities) -> Self {
        Self { declared, ..self }
    }
}

impl Adapter for With {
    type Transport = Spoiled;
    type ClientError = reqwest::Error;

    fn transport(&self) -> Spoiled {
        spoiled(self.fault, |client| client)
    }

    fn transport_with_timeout(&self, timeout: Duration) -> Option<Spoiled> {
        Some(spoiled(self.fault, |client| client.timeout(timeout)))
    }

    fn run<F: Future<Output: Send> + Send>(&self, future: F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let output = runtime.block_on(future);
        // Tasks that a fault left running never end.
        runtime.shutdown_background();
        output
    }

    fn capabilities(&self) -> Capabilities {
        (self.declared)(Capabilities::new().added_headers(["accept"]))
    }
}

impl Http2Adapter for With {
    fn http2_transport(&self) -> Spoiled {
        spoiled(self.fault, |client| client.http2_prior_knowledge())
    }
}

fn spoiled(
    fault: Fault,
    configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
) -> Spoiled {
    let client = ReqwestTransport::new(|client| match fault {
        Fault::LeavesResending => configure(client).no_proxy().retry(retry::never()),
        Fault::ConnectsAnew => configure(client).no_proxy().pool_max_idle_per_host(0),
        _ => configure(client).no_proxy(),
    });
    Spoiled::new(fault, client.unwrap())
}
