//! Runs the conformance suite on this adapter.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::future::Future;
use std::time::Duration;

use reauth_conformance::{Adapter, Capabilities, Http2Adapter};
use reauth_reqwest::{ReqwestTransport, reqwest};
use tokio::runtime::Builder;

struct OverReqwest(Threads);

enum Threads {
    One,
    Many,
}

impl Adapter for OverReqwest {
    type Transport = ReqwestTransport;
    type ClientError = reqwest::Error;

    fn transport(&self) -> ReqwestTransport {
        ReqwestTransport::new(|client| client.no_proxy()).unwrap()
    }

    fn transport_with_timeout(&self, timeout: Duration) -> Option<ReqwestTransport> {
        let transport = ReqwestTransport::new(|client| client.no_proxy().timeout(timeout));
        Some(transport.unwrap())
    }

    fn run<F: Future<Output: Send> + Send>(&self, future: F) -> F::Output {
        let mut runtime = match self.0 {
            Threads::One => Builder::new_current_thread(),
            Threads::Many => Builder::new_multi_thread(),
        };
        runtime.enable_all().build().unwrap().block_on(future)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new().added_headers(["accept"])
    }
}

reauth_conformance::suite!(reqwest_conforms_on_many_threads, OverReqwest(Threads::Many));
reauth_conformance::suite!(reqwest_conforms_on_one_thread, OverReqwest(Threads::One));

impl Http2Adapter for OverReqwest {
    fn http2_transport(&self) -> ReqwestTransport {
        ReqwestTransport::new(|client| client.no_proxy().http2_prior_knowledge()).unwrap()
    }
}

reauth_conformance::http2_suite!(
    reqwest_conforms_over_http2_on_many_threads,
    OverReqwest(Threads::Many)
);
reauth_conformance::http2_suite!(
    reqwest_conforms_over_http2_on_one_thread,
    OverReqwest(Threads::One)
);
