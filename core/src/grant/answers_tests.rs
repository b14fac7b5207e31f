//! Each row of `docs/answers.md`, answered to each grant.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http::header::{DATE, RETRY_AFTER};

use super::*;
use crate::{Grant, JsonGrant, OAuth2Client, OAuth2Grant, Token};
use token_answers::{ANSWERED, Asked, Case, cases, rows};

#[path = "../../tests/support/token_answers.rs"]
mod token_answers;

/// How much of an answer a grant is given.
const LIMIT: usize = 64 * 1024;

fn grants(asked: Asked) -> Vec<Box<dyn Grant>> {
    let json = || Box::new(JsonGrant::new("https://example.com/refresh").expect("absolute"));
    let client = || OAuth2Client::new("https://example.com/token", "id").expect("absolute");
    let by_refresh_token = || Box::new(OAuth2Grant::refresh_token(client()));
    let by_client_credentials =
        || Box::new(OAuth2Grant::client_credentials(client().secret("secret")));
    match asked {
        Asked::All => vec![json(), by_refresh_token(), by_client_credentials()],
        Asked::Json => vec![json()],
        Asked::OAuth => vec![by_refresh_token(), by_client_credentials()],
        Asked::ByRefreshToken => vec![json(), by_refresh_token()],
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
        Err(RefreshErrorKind::Refused) => "refused",
        Err(RefreshErrorKind::Misconfigured) => "misconfigured",
        Err(RefreshErrorKind::Transient) => "transient",
        Err(RefreshErrorKind::Unknown) => "unknown",
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
