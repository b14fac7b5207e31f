//! Sign-in and sign-out are fences.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::sync::Arc;

use reauth_mock_api::MockApi;
use reauth_reqwest::reauth::store::{MemoryStore, TokenStore};
use reauth_reqwest::reauth::{Body, ErrorKind, Reason, Token};
use reauth_reqwest::reqwest;
use support::*;

fn signed_in_as_another(api: &MockApi) -> Token {
    let token = Token::new(api.issue_access_token()).unwrap();
    token.with_refresh_token(api.issue_refresh_token())
}

#[tokio::test]
async fn promise_3_a_request_signed_before_replace_is_not_replayed_under_the_new_identity() {
    let api = rotating();
    let session = session(&api);
    let gate = api.hold_books();
    let before = begin(&session, &api);
    gate.arrived(1).await;
    session.replace(signed_in_as_another(&api)).await.unwrap();
    gate.open();
    let refused = before.await.unwrap().unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(reason(&refused), Some(Reason::Superseded));
    assert!(refused.text().await.unwrap().contains("invalid_token"));
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.books_ok), (0, 0));

    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
}

#[tokio::test]
async fn promise_3_a_stream_signed_before_replace_is_superseded_and_refreshes_nothing() {
    let api = rotating();
    let session = session(&api);
    let gate = api.hold_books();
    let request = books_of(&api).map(|_| Body::once(reqwest::Body::from("a stream")));
    let before = tokio::spawn({
        let session = session.clone();
        async move { session.execute(request).await }
    });
    gate.arrived(1).await;
    session.replace(signed_in_as_another(&api)).await.unwrap();
    gate.open();
    let refused = before.await.unwrap().unwrap();
    assert_eq!(reason(&refused), Some(Reason::Superseded));
    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
    assert_eq!(api.counts().refreshes, 0);
}

#[tokio::test]
async fn promise_13_a_refresh_overtaken_by_replace_is_neither_published_nor_kept() {
    let api = rotating();
    let store = Arc::new(MemoryStore::new());
    let session = builder(&api).store(store.clone()).open().await.unwrap();
    let gate = api.hold_refresh_answers();
    let waiter = begin(&session, &api);
    gate.arrived(1).await;
    let another = signed_in_as_another(&api);
    session.replace(another.clone()).await.unwrap();
    gate.open();

    let error = waiter.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Superseded);
    assert_eq!(error.refused().unwrap().status(), 401);
    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
    session.close().await.unwrap();
    let kept = store.load().await.unwrap().unwrap().record;
    let kept = kept.token().unwrap();
    assert_eq!(kept.access_token(), another.access_token());
    assert_eq!(kept.refresh_token(), another.refresh_token());
    assert_eq!(api.counts().refreshes, 1);
}

#[tokio::test]
async fn promise_13_signed_out_is_signed_out_until_the_next_sign_in() {
    let api = rotating();
    let store = Arc::new(MemoryStore::new());
    let session = builder(&api).store(store.clone()).open().await.unwrap();
    let gate = api.hold_refresh_answers();
    let waiter = begin(&session, &api);
    gate.arrived(1).await;
    session.sign_out().await.unwrap();
    gate.open();
    let error = waiter.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Superseded);

    let error = books(&session, &api).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignedOut);
    assert!(error.is_session_expired() && error.refused().is_none());
    assert!(
        store
            .load()
            .await
            .unwrap()
            .unwrap()
            .record
            .token()
            .is_none()
    );

    session.replace(signed_in_as_another(&api)).await.unwrap();
    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_session_is_opened_with_what_the_store_has() {
    let api = rotating();
    let store = Arc::new(MemoryStore::new());
    let first = builder(&api).store(store.clone()).open().await;
    let first = first.unwrap();
    assert_eq!(books(&first, &api).await.unwrap().status(), 200);
    first.close().await.unwrap();

    // The session's own token is spent, and the store's is not.
    let second = builder(&api).store(store.clone()).open().await;
    let second = second.unwrap();
    assert_eq!(books(&second, &api).await.unwrap().status(), 200);
    api.expire_access_tokens();
    assert_eq!(books(&second, &api).await.unwrap().status(), 200);
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.reuses), (2, 0));

    // A session that shares the store adopts the token that another left there.
    assert_eq!(books(&first, &api).await.unwrap().status(), 200);
    assert_eq!(api.counts().refreshes, 2);
}
