//! Bare reqwest with requests of `http`, whose URL it parses again.

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use reqwest::Request;

use super::reqwest_client::client;
use super::session_tokens::bearer;
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, Role, Threads};
use crate::load::{Client, OnTokio};

pub(crate) const CONTENDER: Contender = Contender {
    name: "reqwest-http",
    role: Role::Bare,
    baseline: "reqwest-http",
    threads: Threads::Callers,
    limit: None,
    load: |target| {
        OnTokio::boxed(|| {
            Ok(ReqwestHttp {
                client: client()?,
                bearer: bearer(target)?,
            })
        })
    },
};

struct ReqwestHttp {
    client: reqwest::Client,
    bearer: HeaderValue,
}

impl Client for ReqwestHttp {
    async fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let head = ask.head().header(AUTHORIZATION, &self.bearer);
        let request = Request::try_from(head.body(ask.body.clone())?)?;
        let response = self.client.execute(request).await?;
        let status = response.status();
        response.bytes().await?;
        Ok(status)
    }
}
