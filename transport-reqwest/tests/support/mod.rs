//! A book API and sessions on it.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test binary uses a part of this"
)]

pub(crate) mod by;
pub(crate) mod echo;

pub(crate) use by::By;

use reauth_mock_api::{MockApi, Rotation};
use reauth_reqwest::reauth::{Body, Error, ErrorKind, Reason, SessionBuilder, Token};
use reauth_reqwest::{ReqwestTransport, Session, reqwest};
use tokio::task::{JoinHandle, JoinSet};

pub(crate) type Answer = Result<reqwest::Response, Error>;

/// A book API with one client, which rotates refresh tokens and revokes all on a reuse.
pub(crate) fn rotating() -> MockApi {
    let api = MockApi::builder().rotate(Rotation::On);
    api.client(by::ID, by::SECRET).start().unwrap()
}

pub(crate) fn transport() -> ReqwestTransport {
    ReqwestTransport::new(|client| client.no_proxy()).unwrap()
}

/// The options of a session whose access token the API refuses.
pub(crate) fn builder(api: &MockApi) -> SessionBuilder<ReqwestTransport> {
    By::Json.builder(api)
}

pub(crate) fn stale(api: &MockApi) -> Token {
    let token = Token::new("stale").unwrap();
    token.with_refresh_token(api.refresh_token())
}

pub(crate) fn session(api: &MockApi) -> Session {
    builder(api).build().unwrap()
}

pub(crate) fn books_of(api: &MockApi) -> http::Request<Body> {
    let uri = format!("{}/api/books", api.url());
    http::Request::get(uri).body(Body::empty()).unwrap()
}

pub(crate) async fn books(session: &Session, api: &MockApi) -> Answer {
    session.execute(books_of(api)).await
}

/// Starts a request in a task of its own.
pub(crate) fn begin(session: &Session, api: &MockApi) -> JoinHandle<Answer> {
    let (session, request) = (session.clone(), books_of(api));
    tokio::spawn(async move { session.execute(request).await })
}

/// Starts this many requests at once.
pub(crate) fn herd(session: &Session, api: &MockApi, size: usize) -> JoinSet<Answer> {
    let mut herd = JoinSet::new();
    for _ in 0..size {
        let (session, request) = (session.clone(), books_of(api));
        herd.spawn(async move { session.execute(request).await });
    }
    herd
}

pub(crate) fn statuses(answers: &[Answer]) -> Vec<u16> {
    let status = |answer: &Answer| answer.as_ref().unwrap().status().as_u16();
    answers.iter().map(status).collect()
}

pub(crate) fn kinds(answers: Vec<Answer>) -> Vec<ErrorKind> {
    let kind = |answer: Answer| answer.expect_err("no token was available").kind();
    answers.into_iter().map(kind).collect()
}

pub(crate) fn reason(response: &reqwest::Response) -> Option<Reason> {
    response.extensions().get().copied()
}
