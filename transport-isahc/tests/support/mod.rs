//! A book API and sessions on it.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test binary uses a part of this"
)]

pub(crate) mod raw;

use std::future::Future;
use std::time::Duration;

use async_io::Timer;
use http::{Request, Response};
use isahc::AsyncBody;
use isahc::config::Configurable;
use reauth_isahc::reauth::{Body, Error, JsonGrant, Reason, SessionBuilder, Token};
use reauth_isahc::{IsahcTransport, Session, isahc};
use reauth_mock_api::{MockApi, Rotation};

/// A safety net: a test fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let late = async {
        Timer::after(PATIENCE).await;
        panic!("not done after {PATIENCE:?}");
    };
    futures_lite::future::block_on(futures_lite::future::or(future, late))
}

pub(crate) type Answer = Result<Response<AsyncBody>, Error>;

/// A book API that rotates refresh tokens, and revokes all on a reuse.
pub(crate) fn rotating() -> MockApi {
    MockApi::builder().rotate(Rotation::On).start().unwrap()
}

pub(crate) fn transport() -> IsahcTransport {
    IsahcTransport::new(|client| client.proxy(None)).unwrap()
}

/// The options of a session whose access token the API refuses.
pub(crate) fn builder(api: &MockApi) -> SessionBuilder<IsahcTransport> {
    let grant = JsonGrant::new(&format!("{}/auth/refresh", api.url())).unwrap();
    let token = Token::new("stale").unwrap();
    Session::builder(transport())
        .origin(&api.url())
        .grant(grant)
        .token(token.with_refresh_token(api.refresh_token()))
}

pub(crate) fn session(api: &MockApi) -> Session {
    builder(api).build().unwrap()
}

pub(crate) fn books_of(api: &MockApi) -> Request<Body> {
    let uri = format!("{}/api/books", api.url());
    Request::get(uri).body(Body::empty()).unwrap()
}

pub(crate) async fn books(session: &Session, api: &MockApi) -> Answer {
    session.execute(books_of(api)).await
}

pub(crate) fn reason<B>(response: &Response<B>) -> Option<Reason> {
    response.extensions().get().copied()
}
