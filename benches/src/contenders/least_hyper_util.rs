//! The least, over hyper-util's client.

use ::hyper_util::client::legacy::Client as HyperClient;
use ::hyper_util::client::legacy::connect::HttpConnector;
use ::hyper_util::rt::TokioExecutor;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, Full};

use super::hyper_util::connector;
use super::least::Least;
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, Role, Threads};
use crate::load::{Client, OnTokio};

pub(crate) const CONTENDER: Contender = Contender {
    name: "least-hyper-util",
    role: Role::Plain,
    baseline: "hyper-util",
    threads: Threads::Callers,
    limit: None,
    load: |target| {
        OnTokio::boxed(|| {
            Ok(LeastHyperUtil {
                client: HyperClient::builder(TokioExecutor::new()).build(connector()),
                least: Least::new(target)?,
            })
        })
    },
};

struct LeastHyperUtil {
    client: HyperClient<HttpConnector, Full<Bytes>>,
    least: Least,
}

impl Client for LeastHyperUtil {
    async fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let mut request = ask.http()?.map(Full::new);
        let kept = self
            .least
            .sign(&ask.url, request.headers_mut(), &ask.body)?;
        let response = self.client.request(request).await?;
        let status = response.status();
        self.least.answered(kept, status)?;
        response.into_body().collect().await?.to_bytes();
        Ok(status)
    }
}
