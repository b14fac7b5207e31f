//! No log line but those of reqwest's wire log, and no error, contains a secret.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::error::Error;
use std::net::TcpListener;

use reauth_mock_api::MockApi;
use reauth_reqwest::reauth::{
    Body, ErrorKind, JsonGrant, OAuth2Client, OAuth2Grant, Session, Token, WithoutCredentials,
};
use reauth_reqwest::{ReqwestTransport, SendWith, reqwest};
use reauth_test_support::log_lines::Lines;
use support::by::{ID, SECRET};
use support::*;

static LINES: Lines = Lines::of_a_client_whose_wire_is("reqwest::connect::verbose");

const CANARY: &str = "CANARY";

/// A client that logs what it reads and writes.
fn verbose() -> ReqwestTransport {
    ReqwestTransport::new(|client| client.no_proxy().connection_verbose(true)).unwrap()
}

/// A refused request, a refresh by each grant, a replay and a sign-out; returns all secrets used.
async fn a_life(api: &MockApi, by: By) -> Vec<String> {
    let stale = Token::new("CANARY-stale").unwrap();
    let refresh_token = api.refresh_token();
    let session = by
        .builder(api)
        .token(stale.with_refresh_token(refresh_token));
    let json = || JsonGrant::new(&format!("{}/auth/refresh", api.url())).unwrap();
    let client = OAuth2Client::new(&format!("{}/oauth/token", api.url()), ID).unwrap();
    let client = client.secret(SECRET);
    let session = match by {
        By::Json => session.grant_over(verbose(), json()),
        By::RefreshToken => session.grant_over(verbose(), OAuth2Grant::refresh_token(client)),
        By::ClientCredentials => {
            session.grant_over(verbose(), OAuth2Grant::client_credentials(client))
        }
    };
    let session = session.build().unwrap().over(verbose());
    assert_eq!(books(&session, api).await.unwrap().status(), 200);
    let token = session.token().await.unwrap();
    session.sign_out().await.unwrap();
    assert!(books(&session, api).await.is_err());
    let secrets = [
        "CANARY-stale",
        refresh_token,
        token.access_token(),
        SECRET,
        "Basic ",
    ];
    secrets.map(str::to_owned).to_vec()
}

fn leak<'a>(lines: &'a [String], secrets: &[String]) -> Option<&'a String> {
    let has = |line: &&String| secrets.iter().any(|secret| line.contains(secret));
    lines.iter().find(has)
}

/// The only test in this process, because it captures the log.
#[tokio::test]
async fn promise_19_no_log_has_a_secret_but_that_of_the_clients_wire() {
    LINES.begin();
    for by in By::ALL {
        let secrets = a_life(&rotating(), by).await;
        let lines = LINES.take();
        assert!(!lines.is_empty(), "the client logs something");
        assert_eq!(leak(&lines, &secrets), None);
    }
    LINES.hear_the_wire();
    let secrets = a_life(&rotating(), By::Json).await;
    let lines = LINES.take();
    for secret in &secrets[..3] {
        let secret = std::slice::from_ref(secret);
        assert!(
            leak(&lines, secret).is_some(),
            "the search finds a secret that is there"
        );
    }
}

/// An error and all its sources, by `Display` and `Debug`.
fn told(error: &(dyn Error + 'static)) -> String {
    let mut told = String::new();
    let mut cause = Some(error);
    while let Some(error) = cause {
        told += &format!("{error} {error:?} {error:#?}\n");
        cause = error.source();
    }
    told
}

#[tokio::test]
async fn promise_19_no_error_shows_the_query_or_the_user_of_a_url() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let token = Token::new("CANARY-stale").unwrap();
    let token = token.with_refresh_token("CANARY-refresh");
    let session = Session::builder(transport())
        .origin(&nobody)
        .refresh_retries(0)
        .grant(JsonGrant::new(&format!("{nobody}/token?key=CANARY")).unwrap())
        .token(token);
    let session = session.build().unwrap();

    let asked = reqwest::Client::new().get(format!("{nobody}/books?key=CANARY"));
    let unsent = asked.send_with(&session).await.unwrap_err();
    assert_eq!(unsent.kind(), ErrorKind::Connect);
    assert!(told(&unsent).contains("/books"), "the URL's path is shown");
    let refused = session.refresh().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::RefreshUnavailable);
    let user = nobody.replace("http://", "http://user:CANARY@");
    let mut alone = http::Request::get(&user).body(Body::empty()).unwrap();
    alone.extensions_mut().insert(WithoutCredentials);
    let alone = session.execute(alone).await.unwrap_err();
    let none = reqwest::Client::new()
        .get("ftp:CANARY")
        .send_with(&session)
        .await;
    for error in [refused, unsent, alone, none.unwrap_err()] {
        assert!(!told(&error).contains(CANARY), "{}", told(&error));
    }
}

#[test]
fn promise_19_no_debug_output_of_a_transport_shows_a_default_header() {
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("x-api-key", CANARY.parse().unwrap());
    let client = |client: reqwest::ClientBuilder| client.default_headers(headers.clone());
    let transport = ReqwestTransport::new(client).unwrap();
    assert!(!format!("{transport:?}").contains(CANARY));
    let session = Session::builder(transport).origin("http://127.0.0.1");
    assert!(!format!("{session:?}").contains(CANARY));
}
