//! The least, over reqwest with its own `RequestBuilder`.

use http::StatusCode;

use super::least::Least;
use super::reqwest_client::client;
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, Role, Threads};
use crate::load::{Client, OnTokio};

pub(crate) const CONTENDER: Contender = Contender {
    name: "least-reqwest",
    role: Role::Plain,
    baseline: "reqwest-native",
    threads: Threads::Callers,
    limit: None,
    load: |target| {
        OnTokio::boxed(|| {
            Ok(LeastReqwest {
                client: client()?,
                least: Least::new(target)?,
            })
        })
    },
};

struct LeastReqwest {
    client: reqwest::Client,
    least: Least,
}

impl Client for LeastReqwest {
    async fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let mut request = ask.native(&self.client).build()?;
        let kept = self
            .least
            .sign(&ask.url, request.headers_mut(), &ask.body)?;
        let response = self.client.execute(request).await?;
        let status = response.status();
        self.least.answered(kept, status)?;
        response.bytes().await?;
        Ok(status)
    }
}
