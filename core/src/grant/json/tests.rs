//! Responses of token servers, one case a row.

use proptest::prelude::*;

use super::*;
use crate::RefreshErrorKind::Refused;
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};

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
fn a_server_may_have_other_names_and_want_more() {
    let grant = grant()
        .names(JsonNames::camel_case().access_token("token"))
        .member("deviceId", 4711)
        .member("refreshToken", "not this one");
    let token = Token::new("a").expect("valid").with_refresh_token("r1");
    let request = grant.request(Some(&token)).expect("a question");
    assert_eq!(request.body(), r#"{"deviceId":4711,"refreshToken":"r1"}"#);

    let answer = r#"{"token":"b","refreshToken":"r2","expiresIn":60,"tokenType":"Bearer"}"#;
    let read = grant
        .response(&Response::new(answer.into()))
        .expect("a token");
    assert_eq!(read.access_token(), "b");
    assert_eq!(read.refresh_token(), Some("r2"));
    assert_eq!(
        read.expires_in().map(|lifetime| lifetime.as_secs()),
        Some(60)
    );

    // Other names are ignored.
    let answer = r#"{"access_token":"b"}"#;
    assert!(grant.response(&Response::new(answer.into())).is_err());
}

#[test]
fn each_name_can_be_another() {
    let names = JsonNames::snake_case()
        .sent_refresh_token("a")
        .access_token("b")
        .refresh_token("c")
        .expires_in("d")
        .scope("e")
        .token_type("f")
        .error("g");
    let grant = grant().names(names);
    let token = Token::new("1").expect("valid").with_refresh_token("2");
    let request = grant.request(Some(&token)).expect("a question");
    assert_eq!(request.body(), r#"{"a":"2"}"#);
    let answer = r#"{"b":"3","c":"4","d":5,"e":"6","f":"7"}"#;
    let read = grant
        .response(&Response::new(answer.into()))
        .expect("a token");
    let renewed = token.renewed(read, std::time::UNIX_EPOCH);
    assert_eq!(renewed.access_token(), "3");
    assert_eq!(renewed.refresh_token(), Some("4"));
    let lifetime = renewed.lifetime(std::time::UNIX_EPOCH);
    assert_eq!(lifetime.map(|lifetime| lifetime.as_secs()), Some(5));
    assert_eq!(
        (renewed.scope(), renewed.token_type()),
        (Some("6"), Some("7"))
    );
    let refused = Response::new(r#"{"g":"invalid_grant"}"#.into());
    assert_eq!(
        grant.response(&refused).expect_err("refused").kind(),
        Refused
    );
}

#[test]
fn promise_19_what_is_sent_beside_the_token_is_not_shown() {
    let grant = grant().member("pin", "CANARY");
    let shown = format!("{grant:?}");
    assert!(shown.contains("https://example.com/auth/refresh"));
    assert!(!shown.contains("CANARY"), "{shown}");
}

#[test]
fn without_a_refresh_token_nothing_is_asked() {
    let token = Token::new("a").expect("valid");
    let error = grant().request(Some(&token)).expect_err("no refresh token");
    assert_eq!(error.kind(), Refused);
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
fn promise_19_nothing_that_the_server_wrote_is_echoed() {
    for (status, body) in [
        (200, r#"{"access_token":"CANARY\u0000"}"#),
        (200, r#"{"access_token":["CANARY"]}"#),
        (400, r#"{"error":"CANARY","error_description":"CANARY"}"#),
        (
            400,
            r#"{"error":{"code":"CANARY","message":"CANARY is an invalid refresh token"}}"#,
        ),
        (401, "error=invalid_grant&error_description=CANARY"),
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
