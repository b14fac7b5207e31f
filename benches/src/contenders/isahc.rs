//! Bare isahc. Its requests have a body of their own type, which owns its bytes.

use ::isahc::config::Configurable;
use ::isahc::{AsyncBody, AsyncReadResponseExt, HttpClient, HttpClientBuilder};
use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};

use super::limits::SELECT;
use super::session_tokens::bearer;
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, Role, Threads};
use crate::load::{Client, OnTokio};

pub(crate) const CONTENDER: Contender = Contender {
    name: "isahc",
    role: Role::Bare,
    baseline: "isahc",
    threads: Threads::Own,
    limit: Some(SELECT),
    load: |target| {
        OnTokio::boxed(|| {
            Ok(Isahc {
                client: configure(HttpClient::builder()).build()?,
                bearer: bearer(target)?,
            })
        })
    },
};

pub(super) fn configure(client: HttpClientBuilder) -> HttpClientBuilder {
    client.proxy(None)
}

struct Isahc {
    client: HttpClient,
    bearer: HeaderValue,
}

impl Client for Isahc {
    async fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let head = ask.head().header(AUTHORIZATION, &self.bearer);
        let body = match ask.body.is_empty() {
            true => AsyncBody::empty(),
            false => AsyncBody::from(ask.body.to_vec()),
        };
        let mut response = self.client.send_async(head.body(body)?).await?;
        response.bytes().await?;
        Ok(response.status())
    }
}
