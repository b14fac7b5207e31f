//! Sign-out, as the servers see it.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reauth_mock_api::MockApi;
use reauth_reqwest::Session;
use reauth_reqwest::reauth::store::{MemoryStore, TokenStore};
use reauth_reqwest::reauth::{ErrorKind, EventKind, OAuth2Client, OAuth2Revocation, Reason, Token};
use support::*;

type Heard = Arc<Mutex<Vec<EventKind>>>;

/// A session that revokes its token at this endpoint.
async fn revoking(api: &MockApi, endpoint: &str) -> (Session, Arc<MemoryStore>, Heard) {
    let heard = Heard::default();
    let (ear, store) = (Arc::clone(&heard), Arc::new(MemoryStore::new()));
    let client = OAuth2Client::new(endpoint, by::ID).unwrap();
    let session = builder(api)
        .revocation(OAuth2Revocation::new(client.secret(by::SECRET)))
        .on_event(move |event| ear.lock().unwrap().push(event.kind.clone()))
        .store(Arc::clone(&store))
        .open()
        .await
        .unwrap();
    (session, store, heard)
}

fn revoked(heard: &Heard) -> Vec<bool> {
    let heard = heard.lock().unwrap();
    let yes = |kind: &&EventKind| matches!(kind, EventKind::Revoked);
    let no = |kind: &&EventKind| matches!(kind, EventKind::RevocationFailed { .. });
    let told = heard.iter().filter(|kind| yes(kind) || no(kind));
    told.map(|kind| yes(&kind)).collect()
}

#[tokio::test]
async fn signing_out_revokes_the_token_and_one_that_is_unknown_is_a_success() {
    let api = rotating();
    let (session, store, heard) = revoking(&api, &format!("{}/oauth/revoke", api.url())).await;
    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
    let access = session.token().await.unwrap().access_token().to_owned();
    session.sign_out().await.unwrap();
    assert_eq!((api.counts().revocations, revoked(&heard)), (1, vec![true]));
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

    // The server has revoked the whole sign-in.
    session.replace(Token::new(access).unwrap()).await.unwrap();
    let ended = books(&session, &api).await.unwrap_err();
    assert_eq!(ended.kind(), ErrorKind::SessionExpired);
    session
        .replace(Token::new("unknown").unwrap())
        .await
        .unwrap();
    session.sign_out().await.unwrap();
    session.sign_out().await.unwrap();
    assert_eq!(
        revoked(&heard),
        [true, true],
        "the last sign-out has nothing to revoke"
    );
}

#[tokio::test]
async fn a_failed_revocation_is_reported_and_delays_nothing() {
    let (api, gone) = (rotating(), rotating());
    let endpoint = format!("{}/oauth/revoke", gone.url());
    drop(gone);
    for endpoint in [endpoint, format!("{}/nowhere", api.url())] {
        let (session, store, heard) = revoking(&api, &endpoint).await;
        session.sign_out().await.unwrap();
        assert_eq!(revoked(&heard), [false], "{endpoint}");
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
    }
    // A server that never answers.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/", silent.local_addr().unwrap());
    let (session, _, heard) = revoking(&api, &endpoint).await;
    tokio::time::pause();
    let before = tokio::time::Instant::now();
    session.sign_out().await.unwrap();
    assert!(
        before.elapsed() <= Duration::from_secs(6),
        "the clock stands still"
    );
    assert_eq!(revoked(&heard), [false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn promise_13_a_refresh_that_was_up_is_neither_published_nor_the_last_word_in_the_store() {
    let api = rotating();
    let store = Arc::new(MemoryStore::new());
    let session = builder(&api)
        .store(Arc::clone(&store))
        .open()
        .await
        .unwrap();
    let refused = api.hold_books();
    let parked: Vec<_> = (0..8).map(|_| begin(&session, &api)).collect();
    refused.arrived(8).await;
    let gate = api.hold_refresh_answers();
    refused.open();
    gate.arrived(1).await;

    session.sign_out().await.unwrap();
    let other = Token::new(api.issue_access_token()).unwrap();
    let other = other.with_refresh_token(api.issue_refresh_token());
    session.replace(other.clone()).await.unwrap();
    gate.open();
    for parked in parked {
        // Both the requests that waited already and those that did not yet.
        match parked.await.unwrap() {
            Ok(answer) => assert_eq!(reason(&answer), Some(Reason::Superseded)),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Superseded),
        }
    }
    assert_eq!(api.counts().books_ok, 0, "no request was replayed");
    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
    session.close().await.unwrap();
    let kept = store.load().await.unwrap().unwrap().record;
    let kept = kept.token().unwrap();
    assert_eq!(kept.access_token(), other.access_token());
    let held = session.token().await.unwrap();
    assert_eq!(held.access_token(), other.access_token());
}
