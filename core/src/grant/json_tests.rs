//! What a token server may answer, one row a case.

use proptest::prelude::*;

use super::*;
use crate::RefreshErrorKind::{self, Misconfigured, Refused, Transient, Unknown};

fn grant() -> JsonGrant {
    JsonGrant::new("https://example.com/auth/refresh").expect("absolute")
}

fn read(status: u16, body: impl Into<Bytes>) -> Result<TokenResponse, RefreshError> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    grant().response(&response)
}

#[test]
fn the_question_is_the_refresh_token_in_json() {
    let token = Token::new("a").expect("valid").with_refresh_token("r\"1");
    let request = grant().request(Some(&token)).expect("a question");
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.uri(), "https://example.com/auth/refresh");
    assert_eq!(request.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(request.body(), r#"{"refresh_token":"r\"1"}"#);
}

#[test]
fn without_a_refresh_token_nothing_is_asked() {
    let token = Token::new("a").expect("valid");
    let error = grant().request(Some(&token)).expect_err("no refresh token");
    assert_eq!(error.kind(), Refused);
}

#[test]
fn an_endpoint_is_an_absolute_url() {
    for endpoint in [
        "",
        "/auth/refresh",
        "example.com/auth",
        "http://",
        "a b",
        "ftp://example.com/token",
        "https://user:password@example.com/token",
        "https://example.com:99999/token",
    ] {
        let invalid = JsonGrant::insecure(endpoint).expect_err(endpoint);
        assert_eq!(invalid, InvalidEndpoint::Malformed);
    }
}

#[test]
fn promise_17_a_refresh_token_goes_over_https_or_stays_on_this_machine() {
    let far = "http://example.com/token";
    let insecure = JsonGrant::new(far).expect_err("readable on the way");
    assert_eq!(insecure, InvalidEndpoint::Insecure);
    assert!(insecure.to_string().contains("JsonGrant::insecure"));
    assert!(JsonGrant::insecure(far).is_ok());
    assert!(JsonGrant::new("http://127.0.0.1:8000/token").is_ok());
}

#[test]
fn promise_20_a_lifetime_is_read_in_any_form_and_what_is_none_is_unknown() {
    for (expires_in, seconds) in [
        ("3600", Some(3600.0)),
        ("\"3600\"", Some(3600.0)),
        ("\" 3600 \"", Some(3600.0)),
        ("1.5", Some(1.5)),
        ("1e18", Some(1e18)),
        ("0", None),
        ("-1", None),
        ("1e300", None),
        ("1e999", None),
        ("null", None),
        ("\"soon\"", None),
        ("\"NaN\"", None),
        ("\"inf\"", None),
        ("[60]", None),
        ("true", None),
    ] {
        let body = format!(r#"{{"access_token":"a","expires_in":{expires_in}}}"#);
        let response = read(200, body).expect("a token");
        let read = response.expires_in().map(|lifetime| lifetime.as_secs_f64());
        assert_eq!(read, seconds, "{expires_in}");
    }
}

#[test]
fn promise_10_a_refresh_token_that_is_null_or_empty_is_none() {
    for (member, expected) in [
        ("", None),
        (r#","refresh_token":null"#, None),
        (r#","refresh_token":"""#, None),
        (r#","refresh_token":7"#, None),
        (
            r#","refresh_token":"r2","scope":["read"],"token_type":1"#,
            Some("r2"),
        ),
        (r#","refresh_token":"r2""#, Some("r2")),
    ] {
        let response = read(200, format!(r#"{{"access_token":"a"{member}}}"#));
        assert_eq!(response.expect("a token").refresh_token(), expected);
    }
}

#[test]
fn each_answer_falls_in_one_class() {
    let refusal = |code: &str| format!(r#"{{"error":"{code}"}}"#);
    let html = "<!doctype html>".to_owned();
    let cases: Vec<(u16, String, RefreshErrorKind)> = vec![
        (200, html.clone(), Unknown),
        (200, String::new(), Unknown),
        (200, r#"{"access_token":"#.to_owned(), Unknown),
        (200, r#"{"error":"invalid_grant"}"#.to_owned(), Unknown),
        (200, r#"{"access_token":""}"#.to_owned(), Unknown),
        (200, r#"{"access_token":"a\nb"}"#.to_owned(), Unknown),
        (200, r#"{"access_token":7}"#.to_owned(), Unknown),
        (204, String::new(), Unknown),
        (307, String::new(), Misconfigured),
        (400, refusal("invalid_grant"), Refused),
        (400, refusal("invalid_request"), Misconfigured),
        (400, refusal("invalid_scope"), Misconfigured),
        (400, refusal("unauthorized_client"), Misconfigured),
        (400, refusal("unsupported_grant_type"), Misconfigured),
        (400, refusal("something_else"), Misconfigured),
        (400, html.clone(), Misconfigured),
        (401, refusal("invalid_grant"), Refused),
        (401, refusal("invalid_client"), Misconfigured),
        (401, html.clone(), Refused),
        (403, html.clone(), Misconfigured),
        (404, html.clone(), Misconfigured),
        (405, html.clone(), Misconfigured),
        (429, html.clone(), Transient),
        (500, html.clone(), Unknown),
        (502, html.clone(), Unknown),
        (503, html.clone(), Transient),
        (504, html, Unknown),
    ];
    for (status, body, kind) in cases {
        let error = read(status, body.clone()).expect_err(&body);
        assert_eq!(error.kind(), kind, "{status} {body}");
    }
}

#[test]
fn retry_after_is_read_in_seconds() {
    for (value, expected) in [
        ("7", Some(7)),
        (" 0 ", Some(0)),
        ("-1", None),
        ("soon", None),
    ] {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        let value = value.parse().expect("a header value");
        response
            .headers_mut()
            .insert(http::header::RETRY_AFTER, value);
        let error = grant().response(&response).expect_err("unavailable");
        assert_eq!(error.retry_after(), expected.map(Duration::from_secs));
    }
}

#[test]
fn promise_19_nothing_that_the_server_wrote_is_echoed() {
    for (status, body) in [
        (200, r#"{"access_token":"CANARY\n"}"#),
        (200, r#"{"access_token":["CANARY"]}"#),
        (400, r#"{"error":"CANARY","error_description":"CANARY"}"#),
        (500, "CANARY"),
    ] {
        let error = read(status, body).expect_err("no token");
        let mut shown = format!("{error} {error:?}");
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            shown += &format!(" {cause} {cause:?}");
            source = cause.source();
        }
        assert!(!shown.contains("CANARY"), "{shown}");
    }
}

proptest! {
    #![proptest_config(crate::seed::seeded(512))]

    #[test]
    fn no_answer_panics(status in 100u16..=999, body in proptest::collection::vec(any::<u8>(), 0..256)) {
        _ = read(status, body);
    }

    #[test]
    fn no_json_panics(expires_in in "[-+0-9.eE\"]{0,12}", token in "\\PC{0,16}") {
        let token = serde_json::to_string(&token).expect("text");
        _ = read(200, format!(r#"{{"access_token":{token},"expires_in":{expires_in}}}"#));
    }
}
