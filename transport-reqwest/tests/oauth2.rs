//! Sessions on the token endpoint of OAuth 2.0, and refreshers without a session.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::sync::Arc;

use reauth_mock_api::{MockApi, TokenAnswer};
use reauth_reqwest::Session;
use reauth_reqwest::reauth::{
    ErrorKind, OAuth2Client, OAuth2Grant, RefreshErrorKind, Token, TokenCall, TokenRefresher,
    refresher_fn,
};
use support::*;

fn without_token(api: &MockApi, client: OAuth2Client) -> Session {
    Session::builder(transport())
        .origin(&api.url())
        .grant(OAuth2Grant::client_credentials(client))
        .without_token()
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_session_by_client_credentials_needs_no_token_and_asks_anew_when_it_expires() {
    let api = rotating();
    let session = without_token(&api, by::client(&api.url()));
    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.books_unauthorized), (1, 0));

    api.expire_access_tokens();
    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.refreshed), (2, 2));
    assert_eq!((counts.books_ok, counts.books_unauthorized), (2, 1));
}

#[tokio::test]
async fn promise_9_a_lost_answer_costs_a_client_with_a_secret_nothing() {
    let api = rotating();
    let session = without_token(&api, by::client(&api.url()));
    api.answer_refreshes([TokenAnswer::new(502, "")]);
    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.refreshed), (2, 1));
}

#[tokio::test]
async fn a_client_says_who_it_is_in_the_header_or_in_the_body() {
    let api = rotating();
    let endpoint = format!("{}/oauth/token", api.url());
    let client = || OAuth2Client::new(&endpoint, by::ID).unwrap();
    for (client, expected) in [
        (client().secret(by::SECRET), Ok(200)),
        (client().secret_in_body(by::SECRET), Ok(200)),
        (client(), Err(ErrorKind::RefreshMisconfigured)),
        (
            client().secret("wrong"),
            Err(ErrorKind::RefreshMisconfigured),
        ),
    ] {
        let session = without_token(&api, client);
        let answer = books(&session, &api).await;
        let answer = answer.map(|response| response.status().as_u16());
        assert_eq!(answer.map_err(|error| error.kind()), expected);
    }

    // A server that knows no client lets a public one refresh.
    let api = MockApi::start().unwrap();
    let endpoint = format!("{}/oauth/token", api.url());
    let client = OAuth2Client::new(&endpoint, "anybody").unwrap();
    let session = builder(&api).grant(OAuth2Grant::refresh_token(client));
    let session = session.build().unwrap();
    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
}

#[tokio::test]
async fn each_rotated_refresh_token_is_used_for_the_next_refresh() {
    let api = rotating();
    let session = By::RefreshToken.session(&api);
    for _ in 0..3 {
        api.expire_access_tokens();
        assert_eq!(books(&session, &api).await.unwrap().status(), 200);
    }
    let counts = api.counts();
    assert_eq!((counts.refreshed, counts.reuses), (3, 0));
}

#[tokio::test]
async fn every_grant_is_a_refresher_without_a_session() {
    for by in By::ALL {
        let api = rotating();
        let refresher = by.refresher(&api);
        let stale = stale(&api);
        let answer = refresher.refresh(&TokenCall::new(Some(&stale))).await;
        let answer = answer.unwrap();
        assert!(!answer.access_token().is_empty());
        let rotates = by != By::ClientCredentials;
        assert_eq!(answer.refresh_token().is_some(), rotates, "{by:?}");

        api.revoke();
        let stale = self::stale(&api);
        let answer = refresher.refresh(&TokenCall::new(Some(&stale))).await;
        match answer {
            Ok(_) => assert!(!rotates),
            Err(error) => assert_eq!(error.kind(), RefreshErrorKind::Refused, "{by:?}"),
        }
        assert_eq!(api.counts().refreshes, 2);
    }
}

#[tokio::test]
async fn a_closure_is_a_refresher() {
    let api = rotating();
    let grant = Arc::new(By::RefreshToken.refresher(&api));
    let refresher = refresher_fn(move |stale: Option<Token>| {
        let grant = Arc::clone(&grant);
        async move { grant.refresh(&TokenCall::new(stale.as_ref())).await }
    });
    let session = Session::builder(transport()).origin(&api.url());
    let session = session.refresher(refresher).token(stale(&api));
    let session = session.build().unwrap();
    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
    let counts = api.counts();
    assert_eq!((counts.refreshed, counts.refresh_refused), (1, 0));
}
