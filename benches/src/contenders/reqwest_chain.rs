//! `reqwest-chain`, used as its documentation shows: the caller attaches the token, and the chain
//! replays with a newer one. It clones each request up front.

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use reqwest::{Request, Response};
use reqwest_chain::{ChainMiddleware, Chainer};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Error};
use std::sync::Arc;
use tokio::sync::Mutex;

use super::reqwest_client::client;
use super::token_call::{TokenServer, Tokens};
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, Role, Threads};
use crate::load::{Client, OnTokio};
use crate::target::Target;

pub(crate) const CONTENDER: Contender = Contender {
    name: "reqwest-chain",
    role: Role::Replaying,
    baseline: "reqwest-native",
    threads: Threads::Callers,
    limit: None,
    load: |target| OnTokio::boxed(|| ReqwestChain::new(target)),
};

struct ReqwestChain {
    client: ClientWithMiddleware,
    tokens: Arc<Mutex<Tokens>>,
}

impl ReqwestChain {
    fn new(target: &Target) -> Result<Self, BoxError> {
        let client = client()?;
        let tokens = Arc::new(Mutex::new(Tokens::of(target)));
        let refresh = Refresh {
            server: TokenServer::new(&client, target),
            tokens: Arc::clone(&tokens),
        };
        let client = ClientBuilder::new(client).with(ChainMiddleware::new(refresh));
        Ok(Self {
            client: client.build(),
            tokens,
        })
    }
}

impl Client for ReqwestChain {
    async fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let token = bearer(&self.tokens.lock().await.access)?;
        let request = ask.chained(&self.client).header(AUTHORIZATION, token);
        let response = request.send().await?;
        let status = response.status();
        response.bytes().await?;
        Ok(status)
    }
}

struct Refresh {
    server: TokenServer,
    tokens: Arc<Mutex<Tokens>>,
}

#[async_trait::async_trait]
impl Chainer for Refresh {
    /// Whether it was replayed.
    type State = Replays;

    async fn chain(
        &self,
        response: Result<Response, Error>,
        state: &mut Replays,
        request: &mut Request,
    ) -> Result<Option<Response>, Error> {
        let response = response?;
        if response.status() != StatusCode::UNAUTHORIZED || state.0 > 0 {
            return Ok(Some(response));
        }
        state.0 += 1;
        let mut tokens = self.tokens.lock().await;
        let current = bearer(&tokens.access)?;
        if request.headers().get(AUTHORIZATION) == Some(&current) {
            *tokens = self.server.refresh(&tokens.refresh).await?;
        }
        let newer = bearer(&tokens.access)?;
        request.headers_mut().insert(AUTHORIZATION, newer);
        Ok(None)
    }
}

/// How often a request was replayed.
#[derive(Default)]
struct Replays(u32);

fn bearer(token: &str) -> Result<HeaderValue, Error> {
    HeaderValue::try_from(format!("Bearer {token}")).map_err(Error::middleware)
}
