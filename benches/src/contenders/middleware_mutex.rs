//! The usual middleware for bearer tokens and 401s: the tokens are behind a mutex, which is held
//! during a refresh and checked again by the next one. If a refresh fails, each waiting request
//! tries again in turn.

use http::header::AUTHORIZATION;
use http::{Extensions, HeaderValue, StatusCode};
use reqwest::{Request, Response};
use reqwest_middleware::{
    ClientBuilder, ClientWithMiddleware, Error, Middleware, Next, Result as ChainResult,
};
use tokio::sync::Mutex;

use super::reqwest_client::client;
use super::token_call::{TokenServer, Tokens};
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, Role, Threads};
use crate::load::{Client, OnTokio};
use crate::target::Target;

pub(crate) const CONTENDER: Contender = Contender {
    name: "middleware-mutex",
    role: Role::Replaying,
    baseline: "reqwest-native",
    threads: Threads::Callers,
    limit: None,
    load: |target| OnTokio::boxed(|| MiddlewareMutex::new(target)),
};

struct MiddlewareMutex(ClientWithMiddleware);

impl MiddlewareMutex {
    fn new(target: &Target) -> Result<Self, BoxError> {
        let client = client()?;
        let auth = Auth {
            server: TokenServer::new(&client, target),
            tokens: Mutex::new(Tokens::of(target)),
        };
        Ok(Self(ClientBuilder::new(client).with(auth).build()))
    }
}

impl Client for MiddlewareMutex {
    async fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let response = ask.chained(&self.0).send().await?;
        let status = response.status();
        response.bytes().await?;
        Ok(status)
    }
}

struct Auth {
    server: TokenServer,
    tokens: Mutex<Tokens>,
}

#[async_trait::async_trait]
impl Middleware for Auth {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> ChainResult<Response> {
        let again = request.try_clone();
        let token = self.tokens.lock().await.access.clone();
        attach(&mut request, &token)?;
        let response = next.clone().run(request, extensions).await?;
        let (StatusCode::UNAUTHORIZED, Some(mut again)) = (response.status(), again) else {
            return Ok(response);
        };
        let token = self.newer_than(&token).await?;
        attach(&mut again, &token)?;
        next.run(again, extensions).await
    }
}

impl Auth {
    async fn newer_than(&self, stale: &str) -> ChainResult<String> {
        let mut tokens = self.tokens.lock().await;
        if tokens.access == stale {
            *tokens = self.server.refresh(&tokens.refresh).await?;
        }
        Ok(tokens.access.clone())
    }
}

fn attach(request: &mut Request, token: &str) -> ChainResult<()> {
    let value = HeaderValue::try_from(format!("Bearer {token}")).map_err(Error::middleware)?;
    request.headers_mut().insert(AUTHORIZATION, value);
    Ok(())
}
