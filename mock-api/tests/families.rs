//! Rotation, reuse and revocation of tokens.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use reauth_mock_api::{MockApi, Rotation};
use support::Client;

#[test]
fn a_spent_refresh_token_revokes_all_that_came_of_it() {
    let api = MockApi::builder().rotate(Rotation::On).start().unwrap();
    let mut client = Client::of(&api);
    let first = client.refresh(api.refresh_token());
    let access = first.text("access_token");
    assert_eq!(client.books(&access).status, 200);

    assert_eq!(client.refresh(api.refresh_token()).status, 401);
    assert_eq!(client.books(&access).status, 401);
    assert_eq!(client.refresh(&first.text("refresh_token")).status, 401);
    let counts = api.counts();
    assert_eq!((counts.refreshed, counts.reuses), (1, 1));
    assert_eq!(counts.refresh_refused, 2);
}

#[test]
fn a_chain_of_rotated_tokens_holds() {
    let api = MockApi::builder().rotate(Rotation::On).start().unwrap();
    let mut client = Client::of(&api);
    let mut token = api.refresh_token().to_owned();
    for _ in 0..5 {
        token = client.refresh(&token).text("refresh_token");
    }
    assert_eq!(api.counts().refreshed, 5);
}

#[test]
fn expired_access_tokens_are_refused_and_refreshed() {
    let api = MockApi::start().unwrap();
    let mut client = Client::of(&api);
    let token = api.issue_access_token();
    api.expire_access_tokens();
    assert_eq!(client.books(&token).status, 401);
    let fresh = client.refresh(api.refresh_token()).text("access_token");
    assert_eq!(client.books(&fresh).status, 200);
}

#[test]
fn revocation_refuses_everything_but_a_new_sign_in() {
    let api = MockApi::start().unwrap();
    let mut client = Client::of(&api);
    let token = api.issue_access_token();
    api.revoke();
    assert_eq!(client.books(&token).status, 401);
    assert_eq!(client.refresh(api.refresh_token()).status, 401);
    let other = api.issue_refresh_token();
    assert_eq!(client.refresh(&other).status, 200);
}

#[test]
fn two_users_do_not_replace_each_other() {
    let api = MockApi::start().unwrap();
    let mut client = Client::of(&api);
    let ours = client.refresh(api.refresh_token()).text("access_token");
    let theirs = client.refresh(&api.issue_refresh_token());
    assert_eq!(client.books(&ours).status, 200);
    assert_eq!(client.books(&theirs.text("access_token")).status, 200);
}
