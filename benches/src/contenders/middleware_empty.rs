//! reqwest-middleware with an empty chain; the caller attaches the token.

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

use super::reqwest_client::client;
use super::session_tokens::bearer;
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, Role, Threads};
use crate::load::{Client, OnTokio};

pub(crate) const CONTENDER: Contender = Contender {
    name: "middleware-empty",
    role: Role::Plain,
    baseline: "reqwest-native",
    threads: Threads::Callers,
    limit: None,
    load: |target| {
        OnTokio::boxed(|| {
            Ok(MiddlewareEmpty {
                client: ClientBuilder::new(client()?).build(),
                bearer: bearer(target)?,
            })
        })
    },
};

struct MiddlewareEmpty {
    client: ClientWithMiddleware,
    bearer: HeaderValue,
}

impl Client for MiddlewareEmpty {
    async fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let request = ask.chained(&self.client);
        let response = request.header(AUTHORIZATION, &self.bearer).send().await?;
        let status = response.status();
        response.bytes().await?;
        Ok(status)
    }
}
