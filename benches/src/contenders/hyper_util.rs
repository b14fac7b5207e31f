//! Bare hyper: the client of hyper-util.

use ::hyper_util::client::legacy::Client as HyperClient;
use ::hyper_util::client::legacy::connect::HttpConnector;
use ::hyper_util::rt::TokioExecutor;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt, Full};

use super::session_tokens::bearer;
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, Role, Threads};
use crate::load::{Client, OnTokio};

pub(crate) const CONTENDER: Contender = Contender {
    name: "hyper-util",
    role: Role::Bare,
    baseline: "hyper-util",
    threads: Threads::Callers,
    limit: None,
    load: |target| {
        OnTokio::boxed(|| {
            Ok(HyperUtil {
                client: HyperClient::builder(TokioExecutor::new()).build(connector()),
                bearer: bearer(target)?,
            })
        })
    },
};

pub(super) fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector
}

struct HyperUtil {
    client: HyperClient<HttpConnector, Full<Bytes>>,
    bearer: HeaderValue,
}

impl Client for HyperUtil {
    async fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let head = ask.head().header(AUTHORIZATION, &self.bearer);
        let request = head.body(Full::new(ask.body.clone()))?;
        let response = self.client.request(request).await?;
        let status = response.status();
        response.into_body().collect().await?.to_bytes();
        Ok(status)
    }
}
