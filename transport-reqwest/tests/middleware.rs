//! A session in a chain of reqwest-middleware.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use futures_util::FutureExt;
use http::Extensions;
use reauth_mock_api::{At, Break, How, MockApi};
use reauth_reqwest::reauth::{self, ErrorKind, WithoutCredentials, async_trait};
use reauth_reqwest::{SessionMiddleware, reqwest};
use reqwest::redirect::Policy;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Error, Middleware, Next, Result};
use support::*;

/// Sends a request again if its connection broke.
struct Retry;

#[async_trait]
impl Middleware for Retry {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<reqwest::Response> {
        let again = request.try_clone().unwrap();
        match next.clone().run(request, extensions).await {
            Err(Error::Reqwest(_)) => next.run(again, extensions).await,
            answer => answer,
        }
    }
}

/// Counts requests in the extensions of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Passed(u32);

struct Count;

#[async_trait]
impl Middleware for Count {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<reqwest::Response> {
        let Passed(before) = extensions.get().copied().unwrap_or(Passed(0));
        extensions.insert(Passed(before + 1));
        next.run(request, extensions).await
    }
}

/// Lets a test look at what a chain has counted.
struct Look;

#[async_trait]
impl Middleware for Look {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<reqwest::Response> {
        let mut answer = next.run(request, extensions).await?;
        let passed: Passed = extensions.get().copied().unwrap();
        answer.extensions_mut().insert(passed);
        Ok(answer)
    }
}

fn chain() -> ClientBuilder {
    let client = reqwest::Client::builder().no_proxy();
    ClientBuilder::new(client.redirect(Policy::none()).build().unwrap())
}

fn client(api: &MockApi) -> ClientWithMiddleware {
    let session = session(api);
    chain()
        .with(Retry)
        .with(SessionMiddleware::new(&session))
        .build()
}

fn url(api: &MockApi) -> String {
    format!("{}/api/books", api.url())
}

/// The kind of the session's error inside an error of the chain.
fn kind(error: &Error) -> ErrorKind {
    let Error::Middleware(error) = error else {
        panic!("{error:?}")
    };
    error.downcast_ref::<reauth::Error>().unwrap().kind()
}

#[tokio::test(flavor = "multi_thread")]
async fn promise_2_sixty_four_requests_of_a_chain_make_one_refresh() {
    let api = rotating();
    let client = client(&api);
    let gate = api.hold_books();
    let mut herd = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let request = client.get(url(&api));
        herd.spawn(async move { request.send().await.unwrap().status() });
    }
    gate.arrived(64).await;
    gate.open();
    assert_eq!(herd.join_all().await, [200; 64]);
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.reuses), (1, 0));
    assert_eq!((counts.books_unauthorized, counts.books_ok), (64, 64));
}

#[tokio::test]
async fn promise_15_a_retry_passes_through_the_session_and_refreshes_nothing() {
    let api = rotating();
    let client = client(&api);
    let (at, how) = (At::BeforeHead, How::Close);
    assert_eq!(client.get(url(&api)).send().await.unwrap().status(), 200);
    api.break_next_books(Break { at, how });
    assert_eq!(client.get(url(&api)).send().await.unwrap().status(), 200);
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.books_unauthorized), (1, 1));
    assert_eq!(counts.books_ok, 3, "one response was lost");
}

#[tokio::test]
async fn what_is_below_sees_each_attempt_and_shares_the_chains_extensions() {
    let api = rotating();
    let session = session(&api);
    let middleware = SessionMiddleware::new(&session);
    let client = chain()
        .with(Look)
        .with(Count)
        .with(middleware)
        .with(Count)
        .build();
    let answer = client.get(url(&api)).send().await.unwrap();
    let passed = answer.extensions().get();
    assert_eq!(passed, Some(&Passed(3)), "once above, twice below");
}

#[tokio::test]
async fn an_error_of_the_client_stays_its_own_and_a_session_that_ended_is_told() {
    let (api, gone) = (rotating(), rotating());
    let session = builder(&api).origin(&gone.url()).build().unwrap();
    let client = chain().with(SessionMiddleware::new(&session)).build();
    let nowhere = url(&gone);
    drop(gone);
    match client.get(nowhere).send().await.unwrap_err() {
        Error::Reqwest(error) => assert!(error.is_connect(), "{error:?}"),
        Error::Middleware(error) => panic!("{error:?}"),
    }

    api.revoke();
    let ended = client.get(url(&api)).send().await.unwrap_err();
    assert_eq!(kind(&ended), ErrorKind::SessionExpired);
}

#[tokio::test]
async fn promise_17_a_stranger_gets_nothing_unless_a_request_asks_to_go_without() {
    let (api, foreign) = (rotating(), rotating());
    let client = client(&api);
    let refused = client.get(url(&foreign)).send().await.unwrap_err();
    assert_eq!(kind(&refused), ErrorKind::OriginNotAllowed);
    assert_eq!(foreign.counts().connections, 0);

    let without = client.get(url(&foreign)).with_extension(WithoutCredentials);
    assert_eq!(without.send().await.unwrap().status(), 401);
    assert_eq!(api.counts().connections, 0, "no refresh");
}

#[tokio::test]
async fn a_client_that_follows_redirects_is_found_out() {
    let echo = echo::Echo::start().await;
    let session = echo.session();
    let follows = reqwest::Client::builder().no_proxy().build().unwrap();
    let client = ClientBuilder::new(follows)
        .with(SessionMiddleware::new(&session))
        .build();
    let error = client.get(echo.url("/redirect")).send().await.unwrap_err();
    assert!(
        format!("{error:?}").contains("redirect(Policy::none())"),
        "{error:?}"
    );
}

/// Gives up an attempt that takes too long, and sends another.
struct Impatient;

#[async_trait]
impl Middleware for Impatient {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<reqwest::Response> {
        let again = request.try_clone().unwrap();
        let first = next.clone().run(request, extensions);
        assert!(
            first.now_or_never().is_none(),
            "the attempt was dropped midway"
        );
        next.run(again, extensions).await
    }
}

#[tokio::test]
async fn promise_17_what_was_given_up_and_is_made_again_still_goes_without_credentials() {
    let api = rotating();
    let client = chain()
        .with(Impatient)
        .with(SessionMiddleware::new(&session(&api)))
        .build();
    let request = client.get(url(&api)).with_extension(WithoutCredentials);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 401, "it carried no token");
}
