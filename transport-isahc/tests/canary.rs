//! No log line but those of isahc's wire log, and no error, contains a secret.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::error::Error;
use std::net::TcpListener;

use http::Request;
use reauth_isahc::reauth::{Body, ErrorKind, JsonGrant, Token, WithoutCredentials};
use reauth_isahc::{IsahcTransport, Session};
use reauth_mock_api::MockApi;
use reauth_test_support::log_lines::Lines;
use support::*;

static LINES: Lines = Lines::of_a_client_whose_wire_is("isahc::wire");

const CANARY: &str = "CANARY";

fn canary(refresh_token: &str) -> Token {
    let token = Token::new("CANARY-stale").unwrap();
    token.with_refresh_token(refresh_token)
}

/// A refused request, a refresh, a replay and a sign-out; returns all secrets used.
fn a_life(api: &MockApi) -> Vec<String> {
    let refresh_token = api.refresh_token();
    let session = builder(api).token(canary(refresh_token)).build().unwrap();
    assert_eq!(block_on(books(&session, api)).unwrap().status(), 200);
    let token = block_on(session.token()).unwrap();
    block_on(session.sign_out()).unwrap();
    let secrets = ["CANARY-stale", refresh_token, token.access_token()];
    secrets.map(str::to_owned).to_vec()
}

fn leak<'a>(lines: &'a [String], secrets: &[String]) -> Option<&'a String> {
    let has = |line: &&String| secrets.iter().any(|secret| line.contains(secret));
    lines.iter().find(has)
}

/// The only test in this process, because it captures the log.
#[test]
fn promise_19_no_log_has_a_secret_but_that_of_the_clients_wire() {
    LINES.begin();
    let secrets = a_life(&rotating());
    let lines = LINES.take();
    assert!(!lines.is_empty(), "the client logs something");
    assert_eq!(leak(&lines, &secrets), None);

    LINES.hear_the_wire();
    let secrets = a_life(&rotating());
    let lines = LINES.take();
    for secret in &secrets {
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

#[test]
fn promise_19_no_error_shows_the_query_or_the_user_of_a_url() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let session = Session::builder(transport())
        .origin(&nobody)
        .refresh_retries(0)
        .grant(JsonGrant::new(&format!("{nobody}/token?key=CANARY")).unwrap())
        .token(canary("CANARY-refresh"));
    let session = session.build().unwrap();

    let asked = Request::get(format!("{nobody}/books?key=CANARY"));
    let unsent = block_on(session.execute(asked.body(()).unwrap())).unwrap_err();
    assert_eq!(unsent.kind(), ErrorKind::Connect);
    let refused = block_on(session.refresh()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::RefreshUnavailable);
    let user = nobody.replace("http://", "http://user:CANARY@");
    let mut alone = Request::get(&user).body(Body::empty()).unwrap();
    alone.extensions_mut().insert(WithoutCredentials);
    let alone = block_on(session.execute(alone)).unwrap_err();
    for error in [refused, unsent, alone] {
        assert!(!told(&error).contains(CANARY), "{}", told(&error));
    }
}

#[test]
fn promise_19_no_debug_output_of_a_transport_shows_a_default_header() {
    let transport = IsahcTransport::new(|client| client.default_header("x-api-key", CANARY));
    let transport = transport.unwrap();
    assert!(!format!("{transport:?}").contains(CANARY));
    let session = Session::builder(transport).origin("http://127.0.0.1");
    assert!(!format!("{session:?}").contains(CANARY));
}
