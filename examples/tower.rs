//! A session in a tower stack: the application's layers above it, hyper's client below.
//!
//! `cargo run --example tower`

use std::error::Error;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::TokioExecutor;
use reauth_mock_api::{Book, MockApi};
use reauth_reqwest::TokioRuntime;
use reauth_reqwest::reauth::{Body, Failure, JsonGrant, Session, SessionLayer, Token};
use reauth_reqwest::reauth::{from_service, http::Request};
use tower::{Service, ServiceBuilder, ServiceExt};

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let api = MockApi::start()?;
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    // For token calls: it uses each connection once, so none can have died while idle.
    let single_use = Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build_http::<Body>();
    let token_calls = from_service(single_use, TokioRuntime::new()).classify(|error| {
        match error.downcast_ref() {
            // Only hyper's client knows whether it had connected.
            Some(error) if ClientError::is_connect(error) => Failure::Connect,
            Some(_) | None => Failure::of(error),
        }
    });
    let session = Session::builder(token_calls)
        .origin(&api.url())
        .grant(JsonGrant::new(&format!("{}/auth/refresh", api.url()))?)
        .token(Token::new("an-expired-token")?.with_refresh_token(api.refresh_token()))
        .build()?;

    let mut stack = ServiceBuilder::new()
        .concurrency_limit(8)
        .timeout(Duration::from_secs(10))
        .layer(SessionLayer::new(&session))
        .service(client);
    let request = Request::get(format!("{}/api/books", api.url())).body(Body::empty())?;
    let response = stack.ready().await?.call(request).await?;
    let body = response.into_body().collect().await?.to_bytes();
    let books: Vec<Book> = serde_json::from_slice(&body)?;
    println!("{}\n{} books", api.log().join("\n"), books.len());

    assert_eq!(api.counts().refreshes, 1, "one refresh");
    assert_eq!(books.len(), 3);
    Ok(())
}
