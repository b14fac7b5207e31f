//! A well-written middleware for bearer tokens and 401s: a prepared header value, a generation, and
//! one refresh that all refused requests wait for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use http::header::AUTHORIZATION;
use http::{Extensions, HeaderValue, StatusCode};
use reqwest::{Request, Response};
use reqwest_middleware::{
    ClientBuilder, ClientWithMiddleware, Error, Middleware, Next, Result as ChainResult,
};

use super::reqwest_client::client;
use super::token_call::{TokenServer, Tokens};
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, Role, Threads};
use crate::load::{Client, OnTokio};
use crate::target::Target;

pub(crate) const CONTENDER: Contender = Contender {
    name: "middleware-single-flight",
    role: Role::Replaying,
    baseline: "reqwest-native",
    threads: Threads::Callers,
    limit: None,
    load: |target| OnTokio::boxed(|| MiddlewareSingleFlight::new(target)),
};

struct MiddlewareSingleFlight(ClientWithMiddleware);

impl MiddlewareSingleFlight {
    fn new(target: &Target) -> Result<Self, BoxError> {
        let client = client()?;
        let Tokens { access, refresh } = Tokens::of(target);
        let state = State {
            generation: 0,
            bearer: bearer(&access)?,
            refresh,
            flight: None,
        };
        let auth = Auth(Arc::new(Shelf {
            server: TokenServer::new(&client, target),
            state: Mutex::new(state),
        }));
        Ok(Self(ClientBuilder::new(client).with(auth).build()))
    }
}

impl Client for MiddlewareSingleFlight {
    async fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let response = ask.chained(&self.0).send().await?;
        let status = response.status();
        response.bytes().await?;
        Ok(status)
    }
}

struct Auth(Arc<Shelf>);

struct Shelf {
    server: TokenServer,
    state: Mutex<State>,
}

struct State {
    generation: u64,
    bearer: HeaderValue,
    refresh: String,
    flight: Option<Flight>,
}

type Flight = Shared<BoxFuture<'static, Result<(), Arc<str>>>>;

#[async_trait::async_trait]
impl Middleware for Auth {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> ChainResult<Response> {
        let again = request.try_clone();
        let signed = self.0.sign(&mut request);
        let response = next.clone().run(request, extensions).await?;
        let (StatusCode::UNAUTHORIZED, Some(mut again)) = (response.status(), again) else {
            return Ok(response);
        };
        if let Some(flight) = self.0.flight(signed) {
            let landed = flight.await;
            landed.map_err(|error| Error::middleware(std::io::Error::other(&*error)))?;
        }
        self.0.sign(&mut again);
        next.run(again, extensions).await
    }
}

impl Shelf {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sign(&self, request: &mut Request) -> u64 {
        let (bearer, generation) = {
            let state = self.state();
            (state.bearer.clone(), state.generation)
        };
        request.headers_mut().insert(AUTHORIZATION, bearer);
        generation
    }

    /// The refresh to wait for; `None` if there is a newer token already.
    fn flight(self: &Arc<Self>, stale: u64) -> Option<Flight> {
        let mut state = self.state();
        if state.generation != stale {
            return None;
        }
        let depart = || {
            let shelf = Arc::clone(self);
            let refresh = state.refresh.clone();
            async move { shelf.land(shelf.server.refresh(&refresh).await) }
                .boxed()
                .shared()
        };
        let flight = state.flight.clone().unwrap_or_else(depart);
        Some(state.flight.insert(flight).clone())
    }

    fn land(&self, landed: ChainResult<Tokens>) -> Result<(), Arc<str>> {
        let mut state = self.state();
        state.flight = None;
        let tokens = landed.map_err(|error| error.to_string())?;
        state.bearer = bearer(&tokens.access).map_err(|error| error.to_string())?;
        state.refresh = tokens.refresh;
        state.generation += 1;
        Ok(())
    }
}

fn bearer(token: &str) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    HeaderValue::try_from(format!("Bearer {token}"))
}
