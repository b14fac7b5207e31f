//! A tower service and a closure as transports, both over hyper's client.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::error::Error;
use std::future::Future;
use std::io;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, Error as ClientError, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use reauth::{
    Body, BoxFuture, Failure, HttpTransport, ServiceCall, TokioRuntime, from_fn, from_service,
};
use reauth_conformance::{Adapter, Capabilities, Hostless};
use tokio::runtime::Builder;
use tower::timeout::Timeout;
use tower::timeout::error::Elapsed;

type Hyper = Client<HttpConnector, Body>;

fn client() -> Hyper {
    Client::builder(TokioExecutor::new()).build_http()
}

/// One that uses each of its connections once, for token calls.
fn single_use() -> Hyper {
    let mut client = Client::builder(TokioExecutor::new());
    client.pool_max_idle_per_host(0).build_http()
}

const NEVER: Duration = Duration::from_secs(3600);

/// What the errors of hyper's client and of tower say.
fn classify(error: &(dyn Error + 'static)) -> Failure {
    if error.is::<Elapsed>() {
        return Failure::Timeout;
    }
    match error.downcast_ref::<ClientError>() {
        Some(error) if error.is_connect() => Failure::Connect,
        Some(_) | None => Failure::Other,
    }
}

fn run<F: Future>(future: F) -> F::Output {
    let runtime = Builder::new_multi_thread().enable_all().build();
    runtime.unwrap().block_on(future)
}

/// What both can do.
fn capabilities() -> Capabilities {
    Capabilities::new().hostless(Hostless::Other)
}

struct OverTower;

impl Adapter for OverTower {
    type Transport = HttpTransport<ServiceCall<Timeout<Hyper>>>;
    type ClientError = ClientError;

    fn transport(&self) -> Self::Transport {
        self.transport_with_timeout(NEVER).unwrap()
    }

    fn transport_with_timeout(&self, timeout: Duration) -> Option<Self::Transport> {
        let over = |client| from_service(client, TokioRuntime::new()).classify(classify);
        let token_calls = over(Timeout::new(single_use(), NEVER));
        Some(over(Timeout::new(client(), timeout)).token_calls_over(token_calls))
    }

    fn run<F: Future<Output: Send> + Send>(&self, future: F) -> F::Output {
        run(future)
    }

    fn capabilities(&self) -> Capabilities {
        capabilities()
    }
}

reauth_conformance::suite!(tower_over_hyper_conforms, OverTower);

/// A closure has no name; what it is kept in has one.
type Closure = Box<dyn Fn(Request<Body>) -> BoxFuture<Answer> + Send + Sync>;
type Answer = Result<Response<Incoming>, Box<dyn Error + Send + Sync>>;

struct OverAClosure;

impl OverAClosure {
    fn over(client: Hyper, timeout: Option<Duration>) -> HttpTransport<Closure> {
        let send: Closure = Box::new(move |request| {
            let sent = client.request(request);
            Box::pin(async move {
                match timeout {
                    None => Ok(sent.await?),
                    // As an error of the system, which is classed without a word from here.
                    Some(timeout) => match tokio::time::timeout(timeout, sent).await {
                        Ok(answer) => Ok(answer?),
                        Err(elapsed) => Err(io::Error::from(elapsed).into()),
                    },
                }
            })
        });
        from_fn(send, TokioRuntime::new())
    }
}

impl Adapter for OverAClosure {
    type Transport = HttpTransport<Closure>;
    type ClientError = ClientError;

    fn transport(&self) -> Self::Transport {
        Self::over(client(), None).token_calls_over(Self::over(single_use(), None))
    }

    fn transport_with_timeout(&self, timeout: Duration) -> Option<Self::Transport> {
        let token_calls = Self::over(single_use(), None);
        Some(Self::over(client(), Some(timeout)).token_calls_over(token_calls))
    }

    fn run<F: Future<Output: Send> + Send>(&self, future: F) -> F::Output {
        run(future)
    }

    fn capabilities(&self) -> Capabilities {
        capabilities()
    }
}

reauth_conformance::suite!(a_closure_over_hyper_conforms, OverAClosure);
