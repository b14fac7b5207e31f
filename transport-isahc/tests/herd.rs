//! Many requests share one token: over real sockets, with rotation and reuse detection.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::thread;
use std::time::Duration;

use futures_lite::future::zip;
use futures_util::future::join_all;
use reauth_isahc::blocking;
use reauth_isahc::reauth::{ErrorKind, JsonGrant, TokenUse};
use reauth_mock_api::{At, Break, How, MockApi, Resource, TokenEndpoint};
use support::raw::Raw;
use support::*;

const HERD: usize = 64;
const THREADS: usize = 8;

/// Asserts one refresh, and that each request was refused once and served once.
fn assert_one_refresh(api: &MockApi, requests: usize) {
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.reuses), (1, 0));
    assert_eq!(counts.books_unauthorized, requests, "each was refused once");
    assert_eq!(counts.books_ok, requests, "each was replayed once");
}

#[test]
fn promise_2_sixty_four_refused_at_once_make_one_refresh_and_sixty_four_successes() {
    let api = rotating();
    let session = session(&api);
    let gate = api.hold_books();
    let herd = join_all((0..HERD).map(|_| books(&session, &api)));
    let release = async {
        gate.arrived(HERD).await;
        gate.open();
    };
    let (answers, ()) = block_on(zip(herd, release));
    assert!(answers.iter().all(|a| a.as_ref().unwrap().status() == 200));
    assert_one_refresh(&api, HERD);
}

#[test]
fn promise_2_plain_threads_that_are_refused_at_once_make_one_refresh() {
    let api = rotating();
    let session = session(&api);
    let gate = api.hold_books();
    thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                let each = (0..HERD / THREADS).map(|_| books(&session, &api));
                let answers = block_on(join_all(each));
                assert!(answers.iter().all(|a| a.as_ref().unwrap().status() == 200));
            });
        }
        gate.wait_for(HERD);
        gate.open();
    });
    assert_one_refresh(&api, HERD);
}

#[test]
fn promise_2_threads_that_block_and_are_refused_at_once_make_one_refresh() {
    for threads in [THREADS, HERD] {
        let api = rotating();
        let session = blocking::Session::new(session(&api));
        let gate = api.hold_books();
        thread::scope(|scope| {
            for _ in 0..threads {
                let session = session.clone();
                let request = books_of(&api);
                scope.spawn(move || {
                    assert_eq!(session.execute(request).unwrap().status(), 200);
                });
            }
            gate.wait_for(threads);
            gate.open();
        });
        assert_one_refresh(&api, threads);
    }
}

#[test]
fn promise_7_dropping_all_of_them_keeps_the_rotated_token_for_the_next() {
    let api = rotating();
    let session = session(&api);
    let gate = api.hold_refresh_answers();
    block_on(async {
        let herd = join_all((0..HERD).map(|_| books(&session, &api)));
        let arrived = async {
            gate.arrived(1).await;
            None
        };
        let answers = futures_lite::future::or(async { Some(herd.await) }, arrived).await;
        assert!(answers.is_none());
    });
    gate.open();

    assert_eq!(block_on(books(&session, &api)).unwrap().status(), 200);
    api.expire_access_tokens();
    assert_eq!(block_on(books(&session, &api)).unwrap().status(), 200);
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.reuses), (2, 0));
}

#[test]
fn promise_8_a_refresh_has_its_deadline_without_any_executor() {
    let api = rotating();
    let deadline = Duration::from_millis(300);
    let session = builder(&api).refresh_timeout(deadline).build().unwrap();
    let gate = api.hold_refreshes();
    let error = block_on(books(&session, &api)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnknown);
    gate.open();
}

#[test]
fn promise_9_a_token_answer_that_breaks_is_unknown_and_nobody_asks_again() {
    for how in [How::Close, How::Reset] {
        let api = rotating();
        let session = builder(&api).token_use(TokenUse::SingleUse);
        let session = session.build().unwrap();
        api.break_next_refresh(Break {
            at: At::InsideHead,
            how,
        });
        for _ in 0..2 {
            let error = block_on(books(&session, &api)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::RefreshUnknown, "{how:?}");
        }
        let counts = api.counts();
        assert_eq!((counts.refreshes, counts.reuses), (1, 0), "{how:?}");
    }
}

#[test]
fn promise_11_a_token_server_that_cannot_be_reached_or_is_busy_is_transient() {
    let api = rotating();
    api.token_endpoint(TokenEndpoint::Unavailable {
        retry_after: Some(7),
    });
    let error = block_on(books(&session(&api), &api)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);

    let gone = MockApi::start().unwrap().url();
    let grant = JsonGrant::new(&format!("{gone}/auth/refresh")).unwrap();
    let session = builder(&api).grant(grant).build().unwrap();
    let error = block_on(books(&session, &api)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
}

#[test]
fn promise_21_a_refused_answer_is_drained_for_its_connection_or_dropped() {
    // The token call has its own connection.
    for (size, connections) in [(30_000, 2), (1_000_000, 3)] {
        let api = MockApi::start().unwrap();
        api.resource(Resource::Large401(size));
        let answer = block_on(books(&session(&api), &api));
        assert_eq!(answer.unwrap().status(), 200);
        assert_eq!(api.counts().connections, connections, "{size} bytes");
    }
}

#[test]
fn promise_21_the_replay_goes_over_the_connection_of_the_401_and_the_refresh_over_its_own() {
    let server = Raw::start(|mut wire| {
        while let Some(request) = wire.request() {
            match request.header("authorization") {
                None => wire.write(
                    "HTTP/1.1 200 OK\r\ncontent-length: 24\r\n\r\n{\"access_token\":\"fresh\"} ",
                ),
                Some("Bearer fresh") => wire.answer("200 OK"),
                Some(_) => wire.answer("401 Unauthorized"),
            }
        }
    });
    let api = MockApi::start().unwrap();
    let grant = JsonGrant::new(&server.url()).unwrap();
    let session = builder(&api).origin(&server.url()).grant(grant);
    let session = session.build().unwrap();
    let books = http::Request::get(server.url()).body(()).unwrap();
    assert_eq!(block_on(session.execute(books)).unwrap().status(), 200);
    let connections: Vec<_> = server.received().iter().map(|r| r.connection).collect();
    assert_eq!(connections, [0, 1, 0]);
}
