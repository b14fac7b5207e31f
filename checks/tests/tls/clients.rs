//! The clients, each of which trusts the certificates of a test and no others.

use std::future::Future;
use std::sync::LazyLock;

use crate::server::Server;
use reauth::Transport;
use reauth_isahc::isahc::config::Configurable;
use reauth_isahc::isahc::tls::{TlsConfig, TrustStore};
use reauth_isahc::{IsahcTransport, isahc};
use reauth_reqwest::reqwest::{Certificate, ClientBuilder};
use reauth_reqwest::{ReqwestTransport, reqwest};
use tokio::runtime::{Builder, Runtime};

pub(crate) trait Client: Copy {
    type Transport: Transport + 'static;

    /// A transport that trusts these certificates and no others.
    fn trusting(self, certificates: &[&str]) -> Self::Transport;

    fn transport(self, trusted: &[&Server]) -> Self::Transport {
        let certificates: Vec<_> = trusted.iter().map(|server| server.certificate()).collect();
        self.trusting(&certificates)
    }

    fn run<F: Future>(self, future: F) -> F::Output;
}

/// One runtime for all tests, so that connections live as long as their clients.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = Builder::new_multi_thread();
    runtime.worker_threads(1).enable_all().build().unwrap()
});

#[derive(Clone, Copy)]
pub(crate) struct Reqwest;

impl Client for Reqwest {
    type Transport = ReqwestTransport;

    fn trusting(self, certificates: &[&str]) -> ReqwestTransport {
        let pem = |pem: &&str| Certificate::from_pem(pem.as_bytes());
        let trusted: reqwest::Result<Vec<_>> = certificates.iter().map(pem).collect();
        // With all features of the workspace, reqwest would use the TLS of the system.
        let trusted = trusted.unwrap();
        let client = |client: ClientBuilder| {
            let client = client.no_proxy().tls_backend_rustls();
            client.tls_certs_only(trusted.clone())
        };
        ReqwestTransport::new(client).unwrap()
    }

    fn run<F: Future>(self, future: F) -> F::Output {
        RUNTIME.block_on(future)
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Isahc;

impl Client for Isahc {
    type Transport = IsahcTransport;

    fn trusting(self, certificates: &[&str]) -> IsahcTransport {
        let with =
            |store: isahc::tls::TrustStoreBuilder, pem: &&str| store.certificate_from_pem(*pem);
        let store = certificates
            .iter()
            .fold(TrustStore::builder(), with)
            .build();
        let tls = TlsConfig::builder().trust_store(store).build();
        IsahcTransport::new(|client| client.proxy(None).tls_config(tls.clone())).unwrap()
    }

    fn run<F: Future>(self, future: F) -> F::Output {
        futures_lite::future::block_on(future)
    }
}
