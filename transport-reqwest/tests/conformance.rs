//! This adapter, tried by the suite for all of them.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::future::Future;
use std::time::Duration;

use reauth_conformance::{Adapter, Capabilities};
use reauth_reqwest::{ReqwestTransport, reqwest};

struct OverReqwest;

impl Adapter for OverReqwest {
    type Transport = ReqwestTransport;
    type ClientError = reqwest::Error;

    fn transport(&self) -> ReqwestTransport {
        ReqwestTransport::new(reqwest::Client::builder().no_proxy()).unwrap()
    }

    fn transport_with_timeout(&self, timeout: Duration) -> Option<ReqwestTransport> {
        let client = reqwest::Client::builder().no_proxy().timeout(timeout);
        Some(ReqwestTransport::new(client).unwrap())
    }

    fn run<F: Future<Output: Send> + Send>(&self, future: F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        runtime.unwrap().block_on(future)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new().added_headers(["accept"])
    }
}

reauth_conformance::suite!(reqwest_conforms, OverReqwest);
