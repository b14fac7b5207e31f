//! Breaks the connection at each point and in each way: what the caller sees, and what the store
//! keeps.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use reauth_mock_api::{At, Break, How, MockApi};
use reauth_reqwest::reauth::store::{MemoryStore, TokenStore};
use reauth_reqwest::reauth::{ErrorKind, Token, TokenUse};
use reauth_reqwest::{SendWith, Session, reqwest};
use support::*;

/// Long enough for a slow machine, short enough for a table with stalls in it.
const PATIENCE: Duration = Duration::from_secs(5);

fn breaks() -> impl Iterator<Item = Break> {
    let each = |at| How::ALL.map(|how| Break { at, how });
    At::ALL.into_iter().flat_map(each)
}

/// What the caller gets: status and body, or the kind of error.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Books,
    HalfOfThem,
    Error(ErrorKind),
}

/// Has a timeout, because nothing else ends a stall.
async fn seen(session: &Session, api: &MockApi) -> Seen {
    // With TLS, building a client takes longer than sending a request.
    static BUILDER: LazyLock<reqwest::Client> = LazyLock::new(reqwest::Client::new);
    let request = BUILDER.get(format!("{}/api/books", api.url()));
    match request.timeout(PATIENCE).send_with(session).await {
        Err(error) => Seen::Error(error.kind()),
        Ok(response) => {
            assert_eq!(response.status(), 200);
            match response.bytes().await {
                Ok(body) if body.ends_with(b"]") => Seen::Books,
                Ok(_) | Err(_) => Seen::HalfOfThem,
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn promise_15_an_answer_that_breaks_is_the_callers_and_nothing_is_replayed() {
    let mut cases = tokio::task::JoinSet::new();
    for fault in breaks() {
        cases.spawn(async move {
            let api = rotating();
            let token = Token::new(api.issue_access_token()).unwrap();
            let token = token.with_refresh_token(api.refresh_token());
            let session = builder(&api).token(token).build().unwrap();
            api.break_next_books(fault);
            let expected = match (fault.at, fault.how) {
                (At::BeforeHead | At::InsideHead, How::Stall) => Seen::Error(ErrorKind::Timeout),
                (At::BeforeHead | At::InsideHead, _) => Seen::Error(ErrorKind::Transport),
                // The caller gets a part of the body, or an error while reading it.
                (At::InsideBody, _) => Seen::HalfOfThem,
                (At::AfterBody, _) => Seen::Books,
            };
            let seen = seen(&session, &api).await;
            // A reset may overtake data that was sent before it.
            let overtaken =
                fault.how == How::Reset && matches!(seen, Seen::Error(_) | Seen::HalfOfThem);
            assert!(seen == expected || overtaken, "{fault:?}: {seen:?}");
            let counts = api.counts();
            assert_eq!((counts.books_ok, counts.refreshes), (1, 0), "{fault:?}");
        });
    }
    while let Some(case) = cases.join_next().await {
        case.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn promise_9_a_token_answer_that_breaks_is_unknown_and_the_store_keeps_what_it_had() {
    let mut cases = tokio::task::JoinSet::new();
    for fault in breaks() {
        cases.spawn(async move {
            let api = rotating();
            let store = Arc::new(MemoryStore::new());
            let session = builder(&api)
                .store(store.clone())
                .refresh_timeout(PATIENCE)
                .token_use(TokenUse::SingleUse)
                .open()
                .await
                .unwrap();
            api.break_next_refresh(fault);
            let first = seen(&session, &api).await;
            let expected = match (fault.at, fault.how) {
                // The object is whole, and the replay uses another connection.
                (At::AfterBody, _) => Seen::Books,
                (At::BeforeHead | At::InsideHead | At::InsideBody, _) => {
                    Seen::Error(ErrorKind::RefreshUnknown)
                }
            };
            let lost = Seen::Error(ErrorKind::RefreshUnknown);
            let overtaken = fault.how == How::Reset && first == lost;
            assert!(first == expected || overtaken, "{fault:?}: {first:?}");

            let kept = store.load().await.unwrap().unwrap().record;
            let kept = kept.token().unwrap();
            let old = kept.access_token() == "stale";
            assert_eq!(old, first == lost, "{fault:?}: the store");
            assert_eq!(
                kept.refresh_token() == Some(api.refresh_token()),
                old,
                "{fault:?}"
            );

            // The session does not ask again with a token that is spent.
            let next = seen(&session, &api).await;
            let expected = if first == lost { lost } else { Seen::Books };
            assert_eq!(next, expected, "{fault:?}: the next");
            let counts = api.counts();
            assert_eq!((counts.refreshes, counts.reuses), (1, 0), "{fault:?}");
        });
    }
    while let Some(case) = cases.join_next().await {
        case.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn promise_21_a_refusal_that_breaks_in_its_body_is_a_refusal_all_the_same() {
    for how in How::ALL {
        let api = rotating();
        let session = session(&api);
        let at = At::InsideBody;
        api.break_next_books(Break { at, how });
        let seen = seen(&session, &api).await;
        let overtaken = how == How::Reset && seen == Seen::Error(ErrorKind::Transport);
        assert!(seen == Seen::Books || overtaken, "{how:?}: {seen:?}");
    }
}

#[tokio::test]
async fn promise_3_a_request_that_waits_at_the_server_is_judged_by_its_own_token() {
    let api = rotating();
    let session = session(&api);
    let gate = api.hold_book_requests();
    let late = begin(&session, &api);
    gate.arrived(1).await;
    let counts = api.counts();
    assert_eq!((counts.books_ok, counts.books_unauthorized), (0, 0));
    gate.open();
    assert_eq!(late.await.unwrap().unwrap().status(), 200);
}
