//! Many requests share one token: over real sockets, with rotation and reuse detection.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use reauth_mock_api::{MockApi, Resource, TokenEndpoint};
use reauth_reqwest::TokioRuntime;
use reauth_reqwest::reauth::{BoxFuture, ErrorKind, JsonGrant, Reason, Runtime, Token, TokenUse};
use support::*;

const HERD: usize = 64;

#[tokio::test(flavor = "multi_thread")]
async fn promise_2_sixty_four_refused_at_once_make_one_refresh_and_sixty_four_successes() {
    for by in By::ALL {
        let api = rotating();
        let session = by.session(&api);
        let gate = api.hold_books();
        let herd = herd(&session, &api, HERD);
        gate.arrived(HERD).await;
        assert_eq!(api.counts().books_unauthorized, HERD);
        gate.open();

        let answers = herd.join_all().await;
        assert_eq!(statuses(&answers), [200; HERD], "{by:?}");
        let counts = api.counts();
        assert_eq!((counts.refreshes, counts.reuses), (1, 0), "{by:?}");
        assert_eq!(counts.books_unauthorized, HERD, "each was refused once");
        assert_eq!(counts.books_ok, HERD, "each was replayed once");
    }
}

#[tokio::test]
async fn promise_3_a_401_that_arrives_after_the_refresh_replays_without_a_second_one() {
    let api = rotating();
    let session = session(&api);
    let gate = api.hold_books();
    let late = begin(&session, &api);
    gate.arrived(1).await;
    // This request is held too, and is released before the first.
    let early = begin(&session, &api);
    gate.arrived(2).await;
    drop(gate);
    let answers = [late.await.unwrap(), early.await.unwrap()];
    assert_eq!(statuses(&answers), [200; 2]);
    assert_eq!(api.counts().refreshes, 1);

    // The token of a 401 that is held until long after the refresh.
    api.expire_access_tokens();
    let gate = api.hold_books();
    let late = begin(&session, &api);
    gate.arrived(1).await;
    let second_gate = api.hold_books();
    let early = begin(&session, &api);
    second_gate.arrived(1).await;
    second_gate.open();
    assert_eq!(early.await.unwrap().unwrap().status(), 200);
    assert_eq!(api.counts().refreshes, 2);
    gate.open();
    assert_eq!(late.await.unwrap().unwrap().status(), 200);
    assert_eq!(api.counts().refreshes, 2);
    assert_eq!(api.counts().reuses, 0);
}

/// When the request that started the refresh is dropped.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Refused,
    RefreshOnItsWay,
    RefreshProcessed,
    Replayed,
}

#[tokio::test(flavor = "multi_thread")]
async fn promise_7_dropping_the_leader_leaves_the_other_sixty_three_successful() {
    for moment in [
        Moment::Refused,
        Moment::RefreshOnItsWay,
        Moment::RefreshProcessed,
        Moment::Replayed,
    ] {
        let api = rotating();
        let session = session(&api);
        let first_books = api.hold_books();
        let leader = begin(&session, &api);
        first_books.arrived(1).await;
        let other_books = api.hold_books();
        let others = herd(&session, &api, HERD - 1);
        other_books.arrived(HERD - 1).await;
        let before = api.hold_refreshes();
        let after = api.hold_refresh_answers();

        if let Moment::Refused = moment {
            leader.abort();
            first_books.wait_for_disconnects(1);
            other_books.open();
            before.open();
            after.open();
        } else {
            let replays = api.hold_books();
            first_books.open();
            before.arrived(1).await;
            if let Moment::RefreshOnItsWay = moment {
                leader.abort();
            }
            before.open();
            after.arrived(1).await;
            if let Moment::RefreshProcessed = moment {
                leader.abort();
            }
            after.open();
            if let Moment::Replayed = moment {
                replays.arrived(1).await;
                leader.abort();
                replays.wait_for_disconnects(1);
            }
            other_books.open();
            replays.open();
        }
        assert!(leader.await.unwrap_err().is_cancelled(), "{moment:?}");
        let answers = others.join_all().await;
        assert_eq!(statuses(&answers), [200; HERD - 1], "{moment:?}");
        let counts = api.counts();
        assert_eq!((counts.refreshes, counts.reuses), (1, 0), "{moment:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn promise_7_dropping_all_of_them_keeps_the_rotated_token_for_the_next() {
    let api = rotating();
    let session = session(&api);
    let gate = api.hold_refresh_answers();
    let mut herd = herd(&session, &api, HERD);
    gate.arrived(1).await;
    herd.shutdown().await;
    gate.open();

    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
    api.expire_access_tokens();
    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.reuses), (2, 0));
}

#[tokio::test]
async fn promise_1_a_second_401_reaches_the_caller_as_a_response() {
    let api = rotating();
    let session = session(&api);
    api.resource(Resource::RefuseAll);
    let refused = books(&session, &api).await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(reason(&refused), Some(Reason::RefusedAgain));
    let body: serde_json::Value = refused.json().await.unwrap();
    assert_eq!(body["error"], "invalid_token");
    let counts = api.counts();
    assert_eq!((counts.books_unauthorized, counts.refreshes), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn promise_11_a_refused_grant_is_one_call_and_a_typed_error_for_everyone() {
    for by in By::SPENDING {
        let api = rotating();
        let session = by.session(&api);
        api.revoke();
        let gate = api.hold_books();
        let waiters = herd(&session, &api, HERD);
        gate.arrived(HERD).await;
        gate.open();
        let answers = waiters.join_all().await;
        for answer in &answers {
            let error = answer.as_ref().unwrap_err();
            assert!(error.is_session_expired());
            assert_eq!(error.refused().unwrap().status(), 401);
            let body = std::str::from_utf8(error.refused().unwrap().body()).unwrap();
            assert!(body.contains("invalid_token"), "{body}");
        }
        assert_eq!(kinds(answers), [ErrorKind::SessionExpired; HERD], "{by:?}");
        assert_eq!(api.counts().refreshes, 1, "{by:?}");

        let before = api.counts();
        let next = herd(&session, &api, HERD).join_all().await;
        assert_eq!(kinds(next), [ErrorKind::SessionExpired; HERD]);
        assert_eq!(api.counts(), before, "later requests fail without a call");

        let token = api.issue_access_token();
        let token = Token::new(token).unwrap();
        session.replace(token).await.unwrap();
        assert_eq!(books(&session, &api).await.unwrap().status(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn promise_9_a_lost_answer_is_not_asked_for_again_with_a_spent_token() {
    let lost = [TokenEndpoint::LoseAnswer, TokenEndpoint::ServerError];
    for (by, mode) in By::SPENDING
        .into_iter()
        .flat_map(|by| lost.map(|mode| (by, mode)))
    {
        let api = rotating();
        let session = by.builder(&api).token_use(TokenUse::SingleUse);
        let session = session.build().unwrap();
        api.token_endpoint(mode);
        let gate = api.hold_books();
        let waiters = herd(&session, &api, HERD);
        gate.arrived(HERD).await;
        gate.open();
        let answers = waiters.join_all().await;
        assert_eq!(
            kinds(answers),
            [ErrorKind::RefreshUnknown; HERD],
            "{by:?} {mode:?}"
        );
        assert_eq!(api.counts().refreshes, 1, "{by:?} {mode:?}");

        api.token_endpoint(TokenEndpoint::Healthy);
        let next = books(&session, &api).await.unwrap_err();
        assert_eq!(next.kind(), ErrorKind::RefreshUnknown, "{by:?} {mode:?}");
        let counts = api.counts();
        assert_eq!((counts.refreshes, counts.reuses), (1, 0), "{by:?} {mode:?}");
    }
}

#[tokio::test]
async fn promise_9_a_token_that_is_known_to_be_reusable_is_asked_with_again() {
    let api = MockApi::start().unwrap();
    let session = session(&api);
    assert_eq!(books(&session, &api).await.unwrap().status(), 200);

    api.expire_access_tokens();
    api.token_endpoint(TokenEndpoint::LoseAnswer);
    let lost = books(&session, &api).await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::RefreshUnknown);
    let rest = lost.retry_after().expect("the session tries again later");

    api.token_endpoint(TokenEndpoint::Healthy);
    tokio::time::pause();
    tokio::time::advance(rest).await;
    tokio::time::resume();
    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
}

#[tokio::test]
async fn promise_11_an_unavailable_token_server_is_transient_and_the_token_is_kept() {
    let api = rotating();
    let session = builder(&api).refresh_retries(0).build().unwrap();
    let retry_after = Some(7);
    api.token_endpoint(TokenEndpoint::Unavailable { retry_after });
    let error = books(&session, &api).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
    assert!(error.is_transient());
    let rest = error.retry_after().unwrap();
    assert!(
        rest.as_secs_f32() > 6.0 && rest.as_secs_f32() <= 7.0,
        "{rest:?}"
    );

    // During the pause no request asks, and each error says when the pause ends.
    api.token_endpoint(TokenEndpoint::Healthy);
    let resting = books(&session, &api).await.unwrap_err();
    assert!(resting.is_transient() && resting.retry_after() <= Some(rest));
    assert_eq!(api.counts().refreshes, 1);

    tokio::time::pause();
    tokio::time::advance(rest).await;
    tokio::time::resume();
    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.reuses), (2, 0));
}

#[tokio::test]
async fn promise_11_a_busy_token_server_costs_its_requests_a_wait_and_no_error() {
    let api = rotating();
    let session = session(&api);
    let retry_after = None;
    api.token_endpoint(TokenEndpoint::Unavailable { retry_after });
    let gate = api.hold_refresh_answers();
    let waiting = herd(&session, &api, HERD);
    gate.arrived(1).await;
    api.token_endpoint(TokenEndpoint::Healthy);
    gate.open();
    let answers = waiting.join_all().await;
    assert_eq!(statuses(&answers), [200; HERD]);
    let counts = api.counts();
    assert_eq!(
        (counts.refreshes, counts.refreshed, counts.reuses),
        (2, 1, 0)
    );
}

#[tokio::test]
async fn promise_11_an_unreachable_token_server_is_transient_and_the_token_is_kept() {
    let (api, gone) = (rotating(), rotating());
    let endpoint = format!("{}/auth/refresh", gone.url());
    let addr = gone.addr();
    drop(gone);
    let grant = JsonGrant::new(&endpoint).unwrap();
    let session = builder(&api).grant(grant).refresh_retries(0);
    let session = session.build().unwrap();
    let error = books(&session, &api).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
    assert!(error.is_transient() && !error.is_session_expired());
    let rest = error.retry_after().unwrap();

    // The server comes back, and the session's refresh token is still good.
    let back = MockApi::builder().address(addr).start().unwrap();
    tokio::time::pause();
    tokio::time::advance(rest).await;
    tokio::time::resume();
    let refused = books(&session, &api).await.unwrap();
    assert_eq!(back.counts().refreshed, 1);
    // Its access token is not valid at the other server.
    assert_eq!(reason(&refused), Some(Reason::RefusedAgain));
}

/// A clock that stands still.
struct Still(TokioRuntime);

impl Runtime for Still {
    fn now(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }

    fn sleep(&self, duration: std::time::Duration) -> BoxFuture<()> {
        self.0.sleep(duration)
    }
}

#[tokio::test]
async fn a_server_that_refuses_every_new_token_ends_in_its_401_and_few_refreshes() {
    let api = rotating();
    let session = builder(&api).runtime(Still(TokioRuntime::new()));
    let session = session.build().unwrap();
    api.resource(Resource::RefuseAll);
    // One refresh; a token that was just brought by it is not traded at once.
    for nth in 0..50 {
        let refused = books(&session, &api).await.unwrap();
        assert_eq!(refused.status(), 401);
        let expected = match nth {
            0 => Reason::RefusedAgain,
            _ => Reason::TokenTooFresh,
        };
        assert_eq!(reason(&refused), Some(expected));
        // The response is unchanged: its body was not drained.
        assert!(refused.text().await.unwrap().contains("invalid_token"));
    }
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.reuses), (1, 0));
    assert_eq!(counts.books_unauthorized, 51);

    api.resource(Resource::Healthy);
    assert_eq!(books(&session, &api).await.unwrap().status(), 200);
}
