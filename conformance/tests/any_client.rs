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
use reauth_conformance::{Adapter, Capabilities, Hostless, Http2Adapter, Unprocessed};
use tokio::runtime::Builder;
use tower::timeout::Timeout;
use tower::timeout::error::Elapsed;

type Hyper = Client<HttpConnector, Body>;

#[derive(Clone, Copy)]
enum Http {
    One,
    Two,
}

fn builder(http: Http) -> hyper_util::client::legacy::Builder {
    let mut client = Client::builder(TokioExecutor::new());
    if let Http::Two = http {
        client.http2_only(true);
    }
    client
}

/// Switches off Nagle's algorithm, which delays HTTP/2 frames by 40 ms each.
fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector
}

fn client(http: Http) -> Hyper {
    builder(http).build(connector())
}

/// A client that uses each connection once, for token calls.
fn single_use(http: Http) -> Hyper {
    builder(http).pool_max_idle_per_host(0).build(connector())
}

const NEVER: Duration = Duration::from_secs(3600);

/// Classifies the errors of hyper's client and of tower.
fn classify(error: &(dyn Error + 'static)) -> Failure {
    if error.is::<Elapsed>() {
        return Failure::Timeout;
    }
    match error.downcast_ref::<ClientError>() {
        Some(error) if error.is_connect() => Failure::Connect,
        Some(_) | None if Failure::of(error) == Failure::NotProcessed => Failure::NotProcessed,
        Some(_) | None => Failure::Other,
    }
}

fn run<F: Future>(future: F) -> F::Output {
    let runtime = Builder::new_multi_thread().enable_all().build();
    runtime.unwrap().block_on(future)
}

/// The capabilities of both.
fn capabilities() -> Capabilities {
    Capabilities::new()
        .hostless(Hostless::Other)
        .unprocessed(Unprocessed::Reported)
}

struct OverTower;

impl OverTower {
    fn over(http: Http, timeout: Duration) -> HttpTransport<ServiceCall<Timeout<Hyper>>> {
        let over = |client| from_service(client, TokioRuntime::new()).classify(classify);
        let token_calls = over(Timeout::new(single_use(http), NEVER));
        over(Timeout::new(client(http), timeout)).token_calls_over(token_calls)
    }
}

impl Http2Adapter for OverTower {
    fn http2_transport(&self) -> Self::Transport {
        Self::over(Http::Two, NEVER)
    }
}

impl Adapter for OverTower {
    type Transport = HttpTransport<ServiceCall<Timeout<Hyper>>>;
    type ClientError = ClientError;

    fn transport(&self) -> Self::Transport {
        Self::over(Http::One, NEVER)
    }

    fn transport_with_timeout(&self, timeout: Duration) -> Option<Self::Transport> {
        Some(Self::over(Http::One, timeout))
    }

    fn run<F: Future<Output: Send> + Send>(&self, future: F) -> F::Output {
        run(future)
    }

    fn capabilities(&self) -> Capabilities {
        capabilities()
    }
}

reauth_conformance::suite!(tower_over_hyper_conforms, OverTower);
reauth_conformance::http2_suite!(tower_over_hyper_conforms_over_http2, OverTower);

/// A boxed closure, because a closure type cannot be named.
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
                    // An I/O error of this kind is classified without help from here.
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

impl Http2Adapter for OverAClosure {
    fn http2_transport(&self) -> Self::Transport {
        let token_calls = Self::over(single_use(Http::Two), None);
        Self::over(client(Http::Two), None).token_calls_over(token_calls)
    }
}

impl Adapter for OverAClosure {
    type Transport = HttpTransport<Closure>;
    type ClientError = ClientError;

    fn transport(&self) -> Self::Transport {
        Self::over(client(Http::One), None)
            .token_calls_over(Self::over(single_use(Http::One), None))
    }

    fn transport_with_timeout(&self, timeout: Duration) -> Option<Self::Transport> {
        let token_calls = Self::over(single_use(Http::One), None);
        Some(Self::over(client(Http::One), Some(timeout)).token_calls_over(token_calls))
    }

    fn run<F: Future<Output: Send> + Send>(&self, future: F) -> F::Output {
        run(future)
    }

    fn capabilities(&self) -> Capabilities {
        capabilities()
    }
}

reauth_conformance::suite!(a_closure_over_hyper_conforms, OverAClosure);
reauth_conformance::http2_suite!(a_closure_over_hyper_conforms_over_http2, OverAClosure);
