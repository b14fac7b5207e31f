//! Sends each row of `docs/answers.md` to each grant.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

use super::*;
use crate::model::token_answers::{ANSWERED, Asked, Case, HTML, cases, rows};
use crate::{Grant, JsonGrant, OAuth2Client, OAuth2Grant, Token};

/// The largest body that a grant gets, in bytes.
const LIMIT: usize = 64 * 1024;

fn grants(asked: Asked) -> Vec<Box<dyn Grant>> {
    let json = || Box::new(JsonGrant::new("https://example.com/refresh").expect("absolute"));
    let client = || OAuth2Client::new("https://example.com/token", "id").expect("absolute");
    let public = || Box::new(OAuth2Grant::refresh_token(client()));
    let confidential = || Box::new(OAuth2Grant::refresh_token(client().secret("secret")));
    let by_client_credentials =
        || Box::new(OAuth2Grant::client_credentials(client().secret("secret")));
    match asked {
        Asked::All => vec![json(), public(), confidential(), by_client_credentials()],
        Asked::WithoutSecret => vec![json(), public()],
        Asked::WithSecret => vec![confidential(), by_client_credentials()],
        Asked::ByRefreshToken => vec![json(), public(), confidential()],
        Asked::ByClientCredentials => vec![by_client_credentials()],
    }
}

fn answer(case: &Case) -> Response<Bytes> {
    let mut body = case.body("fresh").into_bytes();
    body.truncate(LIMIT);
    let mut answer = Response::builder().status(case.status);
    for (name, value) in &case.headers {
        answer = answer.header(*name, *value);
    }
    answer.body(body.into()).expect("an answer")
}

fn class(read: &Result<TokenResponse, RefreshError>) -> &'static str {
    match read.as_ref().map_err(RefreshError::kind) {
        Ok(_) => "committed",
        Err(Refused) => "refused",
        Err(Misconfigured) => "misconfigured",
        Err(Transient) => "transient",
        Err(Unknown) => "unknown",
    }
}

#[test]
fn each_answer_falls_in_the_class_of_its_row_whatever_the_grant() {
    let rows = rows(ANSWERED);
    for case in cases() {
        let expected = rows.get(case.row);
        for grant in grants(case.asked) {
            let read = grant.response(&answer(&case));
            let said = (case.row, case.status, case.body("fresh"));
            assert_eq!(Some(&class(&read)), expected, "{said:.60?}: {read:?}");
        }
    }
}

#[test]
fn each_row_of_the_table_has_a_case() {
    let cases: BTreeSet<_> = cases().iter().map(|case| case.row).collect();
    assert!(cases.into_iter().eq(rows(ANSWERED).into_keys()));
}

#[test]
fn promise_10_whatever_is_odd_about_a_token_the_rotated_refresh_token_is_adopted() {
    let stale = Token::new("stale").expect("valid").with_refresh_token("r1");
    for case in cases() {
        for grant in grants(case.asked) {
            let Ok(read) = grant.response(&answer(&case)) else {
                continue;
            };
            assert_eq!(read.access_token(), "fresh");
            let renewed = stale.renewed(read, std::time::UNIX_EPOCH);
            let expected = case.refresh_token().unwrap_or("r1");
            assert_eq!(renewed.refresh_token(), Some(expected), "{}", case.row);
        }
    }
}

/// Both kinds of grant, configured alike.
macro_rules! each_grant {
    (|$grant:ident| $said:expr) => {{
        let json = JsonGrant::new("https://example.com/refresh").expect("absolute");
        let client = OAuth2Client::new("https://example.com/token", "id").expect("absolute");
        let [refreshing, by_client] = [
            OAuth2Grant::refresh_token(client.clone().secret("s")),
            OAuth2Grant::client_credentials(client.secret("s")),
        ];
        let json: Box<dyn Grant> = {
            let $grant = json;
            Box::new($said)
        };
        let refreshing: Box<dyn Grant> = {
            let $grant = refreshing;
            Box::new($said)
        };
        let by_client: Box<dyn Grant> = {
            let $grant = by_client;
            Box::new($said)
        };
        [json, refreshing, by_client]
    }};
}

fn answered(status: u16, body: &'static str) -> Response<Bytes> {
    let answer = Response::builder().status(status);
    answer
        .body(Bytes::from_static(body.as_bytes()))
        .expect("an answer")
}

#[test]
fn promise_11_what_the_table_does_not_know_the_application_says() {
    let grants = each_grant!(|grant| grant.dead_when(|answer| {
        answer.code() == Some("device_unlinked") || answer.body().starts_with(b"<p>gone")
    }));
    for grant in grants {
        let kind = |answer| grant.response(&answer).map_err(|error| error.kind());
        for dead in [
            answered(400, r#"{"error":"device_unlinked"}"#),
            answered(200, r#"{"result":{"code":"device_unlinked"}}"#),
            answered(502, r#"{"error":"device_unlinked"}"#),
            answered(404, "<p>gone</p>"),
        ] {
            assert_eq!(kind(dead).err(), Some(Refused));
        }
        assert_eq!(
            kind(answered(400, r#"{"error":"other"}"#)).err(),
            Some(Misconfigured)
        );
        assert!(
            kind(answered(
                200,
                r#"{"access_token":"a","error":"device_unlinked"}"#
            ))
            .is_ok()
        );
    }
}

#[test]
fn promise_10_members_that_the_application_needs_are_kept() {
    let grants = each_grant!(|grant| grant.keep("id_token").keep("authed_user").keep("missing"));
    for grant in grants {
        let body = r#"{"access_token":"a","id_token":"i\n1","authed_user":{"id":7},"missing":null,"scope":"b"}"#;
        let token = Token::new("old").expect("valid");
        let answer = grant.response(&answered(200, body)).expect("a token");
        let token = token.renewed(answer, std::time::UNIX_EPOCH);
        let extras: Vec<_> = token.extras().collect();
        assert_eq!(
            extras,
            [("id_token", "i\n1"), ("authed_user", r#"{"id":7}"#)]
        );
    }
}

#[test]
fn promise_11_what_the_server_said_is_there_for_whoever_asks() {
    for grant in grants(Asked::All) {
        for (status, body, code, description) in [
            (
                400,
                r#"{"error":"CODE","error_description":"WHY"}"#,
                Some("CODE"),
                Some("WHY"),
            ),
            (
                401,
                r#"{"error":{"code":"CODE","message":"WHY"}}"#,
                Some("CODE"),
                Some("WHY"),
            ),
            (500, r#"{"message":"WHY"}"#, None, Some("WHY")),
            (200, r#"{"ok":false,"error":"CODE"}"#, Some("CODE"), None),
            (
                400,
                "error=invalid_grant",
                Some("invalid_grant"),
                Some("error=invalid_grant"),
            ),
            (502, HTML, None, None),
        ] {
            let error = grant
                .response(&answered(status, body))
                .expect_err("no token");
            let answer = error.answer().expect("there was one");
            assert_eq!(answer.status(), status, "{body}");
            assert_eq!(
                (answer.code(), answer.description()),
                (code, description),
                "{body}"
            );
            let shown = format!("{answer:?}");
            assert!(!shown.contains("CODE") && !shown.contains("WHY"), "{shown}");
        }
    }
}

#[test]
fn retry_after_is_read_in_both_forms() {
    const NOW: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (retry_after, date, expected) in [
        ("7", None, Some(7)),
        (" 0 ", None, Some(0)),
        ("18446744073709551616", None, Some(u64::MAX)),
        ("-1", None, None),
        ("+1", None, None),
        ("7.5", None, None),
        ("", None, None),
        ("soon", Some(NOW), None),
        ("Sun, 06 Nov 1994 08:49:44 GMT", Some(NOW), Some(7)),
        ("Sunday, 06-Nov-94 08:49:44 GMT", Some(NOW), Some(7)),
        ("Sun Nov  6 08:49:44 1994", Some(NOW), Some(7)),
        ("Sun, 06 Nov 1994 08:49:30 GMT", Some(NOW), Some(0)),
        ("Sun, 06 Nov 1994 08:49:44 GMT", None, None),
        ("Sun, 06 Nov 1994 08:49:44 GMT", Some("today"), None),
        (
            "Fri, 31 Dec 9999 23:59:59 GMT",
            Some(NOW),
            Some(252_618_189_022),
        ),
    ] {
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        let value = HeaderValue::from_static(retry_after);
        answer.headers_mut().insert(RETRY_AFTER, value);
        if let Some(date) = date {
            answer
                .headers_mut()
                .insert(DATE, HeaderValue::from_static(date));
        }
        let read = refused_by_status(&answer).retry_after();
        assert_eq!(read, expected.map(Duration::from_secs), "{retry_after:?}");
    }
}

#[test]
fn a_redirect_is_named_as_one() {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::PERMANENT_REDIRECT;
    let error = refused_by_status(&answer);
    let source = std::error::Error::source(&error).expect("one");
    assert!(source.to_string().contains("308"), "{source}");
    assert!(source.to_string().contains("moved"), "{source}");
}
