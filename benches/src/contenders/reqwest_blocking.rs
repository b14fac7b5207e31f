//! Bare blocking reqwest with its own `RequestBuilder`; it sends on its own thread.

use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use reqwest::retry;

use super::limits::THREADS;
use super::session_tokens::bearer;
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, Role, Threads};
use crate::load::{BlockingClient, OnThreads};

pub(crate) const CONTENDER: Contender = Contender {
    name: "reqwest-blocking",
    role: Role::Bare,
    baseline: "reqwest-blocking",
    threads: Threads::Own,
    limit: Some(THREADS),
    load: |target| {
        Ok(OnThreads::boxed(ReqwestBlocking {
            client: client()?,
            bearer: bearer(target)?,
        }))
    },
};

fn client() -> reqwest::Result<Client> {
    Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .retry(retry::never())
        .connect_timeout(Duration::from_secs(10))
        .build()
}

struct ReqwestBlocking {
    client: Client,
    bearer: HeaderValue,
}

impl BlockingClient for ReqwestBlocking {
    fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let request = ask.blocking(&self.client);
        let response = request.header(AUTHORIZATION, &self.bearer).send()?;
        let status = response.status();
        response.bytes()?;
        Ok(status)
    }
}
