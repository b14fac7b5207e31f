//! What the routes answer.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::time::Duration;

use reauth_mock_api::{Book, MockApi, Receipt};
use serde_json::json;
use support::Client;

#[test]
fn an_accepted_token_gets_the_books() {
    let api = MockApi::start().unwrap();
    let answer = Client::of(&api).books(&api.issue_access_token());
    assert_eq!(answer.status, 200);
    let books: Vec<Book> = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(books.iter().map(|b| b.id).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(api.counts().books_ok, 1);
}

#[test]
fn the_scheme_is_compared_without_its_case() {
    let api = MockApi::start().unwrap();
    let token = api.issue_access_token();
    for scheme in ["bearer", "BEARER", "BeArEr"] {
        let authorization = format!("authorization: {scheme} {token}");
        let answer = Client::of(&api).request("GET /api/books", &[&authorization], "");
        assert_eq!(answer.status, 200, "{scheme}");
    }
}

#[test]
fn a_refused_token_is_challenged_with_an_error() {
    let api = MockApi::start().unwrap();
    let answer = Client::of(&api).books("stale");
    assert_eq!(answer.status, 401);
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.starts_with(r#"Bearer realm="books", error="invalid_token", error_desc"#));
    assert_eq!(answer.text("error"), "invalid_token");
    assert_eq!(api.counts().books_unauthorized, 1);
}

#[test]
fn a_request_without_a_token_is_challenged_without_an_error() {
    let api = MockApi::start().unwrap();
    let two = ["authorization: Bearer a", "authorization: Bearer b"];
    for headers in [
        &[][..],
        &["authorization: Basic YTpi"],
        &["authorization: Bearer"],
        &two,
    ] {
        let answer = Client::of(&api).request("GET /api/books", headers, "");
        assert_eq!(answer.status, 401);
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge, Some(r#"Bearer realm="books""#), "{headers:?}");
    }
}

#[test]
fn a_refresh_gets_an_access_token_that_is_accepted() {
    let api = MockApi::start().unwrap();
    let mut client = Client::of(&api);
    let answer = client.refresh(api.refresh_token());
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let token = answer.text("access_token");
    assert_eq!(
        answer.json(),
        json!({"access_token": token, "token_type": "Bearer"})
    );
    assert_eq!(client.books(&token).status, 200);
    assert_eq!(api.counts().connections, 1);
}

#[test]
fn a_lifetime_is_announced_in_whole_seconds() {
    let ttl = Duration::from_millis(60_900);
    let api = MockApi::builder().token_ttl(ttl).start().unwrap();
    let answer = Client::of(&api).refresh(api.refresh_token());
    assert_eq!(answer.json()["expires_in"], 60);
}

#[test]
fn a_refused_refresh_is_challenged() {
    let api = MockApi::start().unwrap();
    let answer = Client::of(&api).refresh("wrong");
    assert_eq!(answer.status, 401);
    let challenge = answer.header("www-authenticate");
    assert_eq!(
        challenge,
        Some(r#"Bearer realm="books", error="invalid_token""#)
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.text("error"), "invalid_grant");
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.refresh_refused), (1, 1));
}

#[test]
fn bad_input_is_answered_in_json() {
    let api = MockApi::start().unwrap();
    let large = " ".repeat(64 * 1024 + 1);
    let refresh = "POST /auth/refresh";
    let cases = [
        (refresh, "", 400, "invalid_request"),
        (refresh, "{\"refresh_token\":", 400, "invalid_request"),
        (refresh, "[\"demo-refresh-token\"]", 400, "invalid_request"),
        (refresh, "{}", 400, "invalid_request"),
        (refresh, "{\"refresh_token\":5}", 400, "invalid_request"),
        (refresh, "{\"refresh_token\":null}", 400, "invalid_request"),
        (refresh, &large, 413, "content_too_large"),
        ("GET /auth/refresh", "", 405, "method_not_allowed"),
        ("DELETE /api/books", "", 405, "method_not_allowed"),
        ("GET /", "", 404, "not_found"),
        ("POST /api/books/1", "", 404, "not_found"),
        ("POST /api/books/1/text", "", 405, "method_not_allowed"),
        ("GET /api/books/0/text", "", 401, "unauthorized"),
    ];
    for (line, body, status, error) in cases {
        let answer = Client::of(&api).request(line, &[], body);
        let case = format!("{line} {body:.40}");
        assert_eq!(answer.status, status, "{case}");
        assert_eq!(answer.text("error"), error, "{case}");
        assert!(!answer.text("error_description").is_empty(), "{case}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    assert_eq!(api.counts().refreshed, 0);
}

#[test]
fn an_upload_is_read_whole_before_it_is_judged_and_its_receipt_has_its_digest() {
    let api = MockApi::start().unwrap();
    let mut client = Client::of(&api);
    let put = "PUT /api/books/1/text";
    let large = "x".repeat(1 << 20);
    let refused = client.request(put, &["authorization: Bearer stale"], &large);
    assert_eq!(refused.status, 401);

    let token = format!("authorization: Bearer {}", api.issue_access_token());
    let receipt: Receipt =
        serde_json::from_str(&client.request(put, &[&token], "abc").body).unwrap();
    assert_eq!(receipt.bytes, 3);
    // RFC 6234 section 8.5.
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(receipt.sha256, sha256);
    let counts = api.counts();
    assert_eq!((counts.texts_ok, counts.texts_unauthorized), (1, 1));
    assert_eq!(counts.connections, 1, "nothing was left unread");
}

#[test]
fn a_refused_method_is_told_those_allowed() {
    let api = MockApi::start().unwrap();
    for (line, allowed) in [
        ("POST /api/books", "GET,HEAD"),
        ("PUT /auth/refresh", "POST"),
    ] {
        let answer = Client::of(&api).request(line, &[], "");
        assert_eq!(answer.header("allow"), Some(allowed), "{line}");
    }
}
