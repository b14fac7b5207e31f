//! How the API can be made to fail.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use reauth_mock_api::{MockApi, Resource, Rotation, TokenEndpoint};
use support::Client;

fn rotating(mode: TokenEndpoint) -> MockApi {
    let api = MockApi::builder().rotate(Rotation::On).start().unwrap();
    api.token_endpoint(mode);
    api
}

/// Asserts that the refresh token was spent: a healthy endpoint counts its next use as a reuse.
fn assert_spent(api: &MockApi, reuses: usize) {
    api.token_endpoint(TokenEndpoint::Healthy);
    Client::of(api).refresh(api.refresh_token());
    assert_eq!(api.counts().reuses, reuses);
}

#[test]
fn a_lost_answer_is_processed_and_no_byte_of_it_is_sent() {
    let api = rotating(TokenEndpoint::LoseAnswer);
    let mut client = Client::of(&api);
    client.send_refresh(api.refresh_token());
    assert!(client.receive().is_none());
    assert_eq!(api.counts().refreshed, 1);
    assert_spent(&api, 1);
}

#[test]
fn an_unavailable_endpoint_processes_nothing() {
    let unavailable = |retry_after| TokenEndpoint::Unavailable { retry_after };
    let api = rotating(unavailable(Some(7)));
    let answer = Client::of(&api).refresh(api.refresh_token());
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), Some("7"));

    api.token_endpoint(unavailable(None));
    let answer = Client::of(&api).refresh(api.refresh_token());
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), None);
    assert_spent(&api, 0);
}

#[test]
fn a_server_error_comes_after_the_rotation() {
    let api = rotating(TokenEndpoint::ServerError);
    let answer = Client::of(&api).refresh(api.refresh_token());
    assert_eq!(answer.status, 500);
    assert_eq!(answer.text("error"), "server_error");
    assert_spent(&api, 1);
}

#[test]
fn garbage_is_a_page_and_processes_nothing() {
    let api = rotating(TokenEndpoint::Garbage);
    let answer = Client::of(&api).refresh(api.refresh_token());
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert_spent(&api, 0);
}

#[test]
fn a_resource_can_refuse_fresh_tokens() {
    let api = MockApi::start().unwrap();
    api.resource(Resource::RefuseAll);
    let mut client = Client::of(&api);
    let fresh = client.refresh(api.refresh_token()).text("access_token");
    assert_eq!(client.books(&fresh).status, 401);
    api.resource(Resource::Healthy);
    assert_eq!(client.books(&fresh).status, 200);
}

#[test]
fn a_401_can_be_large_and_is_still_json() {
    let api = MockApi::start().unwrap();
    api.resource(Resource::Large401(1_000_000));
    let mut client = Client::of(&api);
    let answer = client.books("stale");
    assert_eq!(answer.status, 401);
    assert_eq!(answer.body.len(), 1_000_000);
    assert_eq!(answer.text("error"), "invalid_token");
    let accepted = client.books(&api.issue_access_token());
    assert_eq!(accepted.status, 200);
}
