//! The token endpoint of OAuth 2.0.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use reauth_mock_api::{MockApi, Rotation, TokenAnswer, TokenEndpoint};
use serde_json::json;
use support::{Client, Response};

const TOKEN: &str = "POST /oauth/token";
const BY_CLIENT: &str = "grant_type=client_credentials";

fn refresh(api: &MockApi, token: &str) -> Response {
    let body = format!("grant_type=refresh_token&refresh_token={token}");
    Client::of(api).request(TOKEN, &[], &body)
}

#[test]
fn a_refresh_rotates_in_the_same_families_as_the_other_endpoint() {
    let api = MockApi::builder().rotate(Rotation::On).start().unwrap();
    let first = refresh(&api, api.refresh_token());
    assert_eq!(first.status, 200);
    assert_eq!(first.header("cache-control"), Some("no-store"));
    let access = first.text("access_token");
    assert_eq!(Client::of(&api).books(&access).status, 200);

    let second = Client::of(&api).refresh(&first.text("refresh_token"));
    assert_eq!(second.status, 200);
    assert_eq!(
        Client::of(&api).books(&access).status,
        401,
        "it is replaced"
    );

    let reused = refresh(&api, api.refresh_token());
    assert_eq!(reused.status, 400);
    assert_eq!(reused.text("error"), "invalid_grant");
    let access = second.text("access_token");
    assert_eq!(Client::of(&api).books(&access).status, 401, "it is revoked");
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.refreshed), (3, 2));
    assert_eq!((counts.refresh_refused, counts.reuses), (1, 1));
}

#[test]
fn client_credentials_bring_an_access_token_each_and_no_refresh_token() {
    let api = MockApi::start().unwrap();
    let tokens = [0; 2].map(|_| {
        let answer = Client::of(&api).request(TOKEN, &[], BY_CLIENT);
        let token = answer.text("access_token");
        let expected = json!({"access_token": token, "token_type": "Bearer"});
        assert_eq!(answer.json(), expected);
        token
    });
    for token in &tokens {
        assert_eq!(Client::of(&api).books(token).status, 200);
    }
    api.revoke();
    for token in &tokens {
        assert_eq!(Client::of(&api).books(token).status, 401);
    }
    assert_eq!(api.counts().refreshed, 2);
}

#[test]
fn a_client_authenticates_in_the_header_or_in_the_body() {
    let api = MockApi::builder().client("a+b", "c:d").start().unwrap();
    // "a%2Bb:c%3Ad", as RFC 6749 section 2.3.1 requires.
    let header = "authorization: Basic YSUyQmI6YyUzQWQ=";
    // "a+b:c:d", as other implementations of Basic send it.
    let raw = "authorization: Basic YStiOmM6ZA==";
    let body = format!("{BY_CLIENT}&client_id=a%2Bb&client_secret=c%3Ad");
    let wrong = format!("{BY_CLIENT}&client_id=a%2Bb&client_secret=wrong");
    for (headers, body, status, error) in [
        (&[header][..], BY_CLIENT, 200, None),
        (&[], &body, 200, None),
        (&[header], &body, 400, Some("invalid_request")),
        (&[], BY_CLIENT, 401, Some("invalid_client")),
        (&[], &wrong, 401, Some("invalid_client")),
        (
            &["authorization: Bearer x"],
            BY_CLIENT,
            401,
            Some("invalid_client"),
        ),
        (
            &["authorization: Basic x"],
            BY_CLIENT,
            401,
            Some("invalid_client"),
        ),
        (&[raw], BY_CLIENT, 401, Some("invalid_client")),
    ] {
        let answer = Client::of(&api).request(TOKEN, headers, body);
        assert_eq!(answer.status, status, "{headers:?} {body}");
        if let Some(error) = error {
            assert_eq!(answer.text("error"), error, "{headers:?} {body}");
        }
        let challenged = answer.header("www-authenticate").is_some();
        assert_eq!(challenged, status == 401 && !headers.is_empty());
    }
    assert_eq!(api.counts().refreshed, 2);
}

#[test]
fn bad_input_is_answered_in_json() {
    let api = MockApi::start().unwrap();
    let large = "x".repeat(64 * 1024 + 1);
    for (body, status, error) in [
        ("", 400, "invalid_request"),
        ("grant_type=refresh_token", 400, "invalid_request"),
        ("grant_type=a&grant_type=a", 400, "invalid_request"),
        ("grant_type=password", 400, "unsupported_grant_type"),
        (&large, 413, "content_too_large"),
    ] {
        let answer = Client::of(&api).request(TOKEN, &[], body);
        assert_eq!(answer.status, status, "{body:.40}");
        assert_eq!(answer.text("error"), error, "{body:.40}");
    }
    let resources = format!("{BY_CLIENT}&resource=a&resource=b");
    assert_eq!(Client::of(&api).request(TOKEN, &[], &resources).status, 200);
}

#[test]
fn answers_that_a_test_wrote_come_first_and_process_nothing() {
    let api = MockApi::builder().rotate(Rotation::On).start().unwrap();
    api.token_endpoint(TokenEndpoint::ServerError);
    let busy = TokenAnswer::new(503, "busy").header("retry-after", "7");
    api.answer_refreshes([busy, TokenAnswer::new(302, "").header("location", "/")]);
    let answer = refresh(&api, api.refresh_token());
    assert_eq!((answer.status, answer.body.as_str()), (503, "busy"));
    assert_eq!(answer.header("retry-after"), Some("7"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let answer = Client::of(&api).refresh(api.refresh_token());
    assert_eq!(answer.header("location"), Some("/"));
    assert_eq!(refresh(&api, api.refresh_token()).status, 500);

    api.answer_refreshes([TokenAnswer::new(400, "{}"), TokenAnswer::new(400, "{}")]);
    assert_eq!(refresh(&api, api.refresh_token()).status, 400);
    api.answer_refreshes([]);
    api.token_endpoint(TokenEndpoint::Healthy);
    // Only the 500 spent it.
    assert_eq!(
        refresh(&api, api.refresh_token()).text("error"),
        "invalid_grant"
    );
    assert_eq!(api.counts().reuses, 1);
}

#[test]
fn a_revoked_token_takes_its_family_along_and_an_unknown_one_is_a_success() {
    let api = MockApi::builder().rotate(Rotation::On).start().unwrap();
    let first = refresh(&api, api.refresh_token());
    let access = first.text("access_token");
    let revoke = |body: &str| {
        let answer = Client::of(&api).request("POST /oauth/revoke", &[], body);
        answer.status
    };
    assert_eq!(revoke("token=nobody&token_type_hint=refresh_token"), 200);
    assert_eq!(Client::of(&api).books(&access).status, 200);
    assert_eq!(
        revoke(&format!("token={}", first.text("refresh_token"))),
        200
    );
    assert_eq!(Client::of(&api).books(&access).status, 401);
    assert_eq!(revoke("token_type_hint=refresh_token"), 400);
    assert_eq!(api.counts().revocations, 1);
}
