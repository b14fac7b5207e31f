//! Bare reqwest with its own `RequestBuilder`.

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};

use super::reqwest_client::client;
use super::session_tokens::bearer;
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, Role, Threads};
use crate::load::{Client, OnTokio};

pub(crate) const CONTENDER: Contender = Contender {
    name: "reqwest-native",
    role: Role::Bare,
    baseline: "reqwest-native",
    threads: Threads::Callers,
    limit: None,
    load: |target| {
        OnTokio::boxed(|| {
            Ok(ReqwestNative {
                client: client()?,
                bearer: bearer(target)?,
            })
        })
    },
};

struct ReqwestNative {
    client: reqwest::Client,
    bearer: HeaderValue,
}

impl Client for ReqwestNative {
    async fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let request = ask.native(&self.client).header(AUTHORIZATION, &self.bearer);
        let response = request.send().await?;
        let status = response.status();
        response.bytes().await?;
        Ok(status)
    }
}
