//! The blocking session: the same promises, kept for plain threads.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use http_body::Frame;
use reauth_mock_api::{At, Break, How, MockApi};
use reauth_reqwest::ReqwestTransport;
use reauth_reqwest::blocking::{BuildError, Session};
use reauth_reqwest::reauth::store::{MemoryStore, Record, Saved, StoreError, Stored, Version};
use reauth_reqwest::reauth::{
    Body, Error, ErrorKind, JsonGrant, Reason, SessionBuilder, Token, TokenStore, TokenUse,
};
use reauth_reqwest::reqwest::{self, ClientBuilder};
use support::echo::Echo;
use support::{books_of, builder, rotating};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{LocalSet, block_in_place, spawn_blocking};

type Response = reqwest::blocking::Response;

/// Only a safety net: no test reaches it.
const PATIENCE: Duration = Duration::from_secs(30);

fn session(api: &MockApi) -> Session {
    Session::build(builder(api)).unwrap()
}

fn stream(api: &MockApi) -> http::Request<Body> {
    books_of(api).map(|_| Body::once(reqwest::Body::from("a stream")))
}

fn get(url: String) -> http::Request<()> {
    http::Request::get(url).body(()).unwrap()
}

#[test]
fn promise_2_plain_threads_refused_at_once_make_one_refresh_and_all_succeed() {
    for herd in [8, 64] {
        let api = rotating();
        let session = session(&api);
        let gate = api.hold_books();
        let threads: Vec<_> = (0..herd)
            .map(|_| {
                let (session, request) = (session.clone(), books_of(&api));
                thread::spawn(move || session.execute(request).unwrap().status())
            })
            .collect();
        gate.wait_for(herd);
        assert_eq!(api.counts().books_unauthorized, herd);
        gate.open();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), 200);
        }
        let counts = api.counts();
        assert_eq!((counts.refreshes, counts.reuses), (1, 0));
        assert_eq!((counts.books_unauthorized, counts.books_ok), (herd, herd));
    }
}

#[test]
fn the_lesson_of_books_needs_no_executor() {
    let api = rotating();
    let session = session(&api);
    let books = reqwest::Client::new().get(format!("{}/api/books", api.url()));
    let response: Response = session.send(books).unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.url().path(), "/api/books");
    let books: serde_json::Value = response.json().unwrap();
    assert!(books.as_array().is_some_and(|books| !books.is_empty()));

    let log = api.log();
    let [refused, refreshed, replayed] = log.as_slice() else {
        panic!("{log:#?}");
    };
    assert!(refused.contains("\"GET /api/books HTTP/1.1\" 401"));
    assert!(refreshed.contains("\"POST /auth/refresh HTTP/1.1\" 200"));
    assert!(replayed.contains("\"GET /api/books HTTP/1.1\" 200"));
    assert_eq!(api.counts().connections, 2, "one is the token call's");
}

#[test]
fn idle_connections_live_between_calls() {
    let api = rotating();
    let session = session(&api);
    for _ in 0..5 {
        let response = session.execute(books_of(&api)).unwrap();
        assert!(response.bytes().unwrap().starts_with(b"[{"));
    }
    assert_eq!(api.counts().connections, 2, "one is the token call's");
}

#[test]
fn promise_13_signing_in_and_out_are_fences_here_too() {
    let api = rotating();
    let session = session(&api);
    session.sign_out().unwrap();
    let error = session.execute(books_of(&api)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignedOut);
    session
        .replace(Token::new(api.issue_access_token()).unwrap())
        .unwrap();
    assert_eq!(session.execute(books_of(&api)).unwrap().status(), 200);
    session.close().unwrap();
    assert_eq!(api.counts().refreshes, 0);
}

#[test]
fn a_session_is_opened_with_what_the_store_has() {
    let api = rotating();
    let store = Arc::new(MemoryStore::new());
    for _ in 0..2 {
        // The second time, the session's own token is spent, and the store's is not.
        let session = Session::open(builder(&api).store(store.clone())).unwrap();
        assert_eq!(session.execute(books_of(&api)).unwrap().status(), 200);
        session.close().unwrap();
    }
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.reuses), (1, 0));
}

/// Checks that every call that would block the runtime is refused.
fn refused(session: &Session, api: &MockApi) {
    let kind = |error: Error| error.kind();
    let books = reqwest::Client::new().get(format!("{}/api/books", api.url()));
    let kinds = [
        session.execute(books_of(api)).map(drop).map_err(kind),
        session.send(books).map(drop).map_err(kind),
        session
            .replace(Token::new("another").unwrap())
            .map_err(kind),
        session.sign_out().map_err(kind),
        session.close().map_err(kind),
    ];
    assert_eq!(kinds, [Err(ErrorKind::InsideRuntime); 5]);
    let open = Session::open(builder(api));
    assert!(matches!(open, Err(BuildError::InsideRuntime)));
}

#[test]
fn inside_an_async_task_a_blocking_call_is_a_typed_error_and_nothing_is_done() {
    let api = Arc::new(rotating());
    let session = session(&api);
    let current = Builder::new_current_thread().build().unwrap();
    let multi = Builder::new_multi_thread().build().unwrap();
    for runtime in [&current, &multi] {
        runtime.block_on(async { refused(&session, &api) });
        let (session, api) = (session.clone(), Arc::clone(&api));
        let task = runtime.spawn(async move { refused(&session, &api) });
        runtime.block_on(task).unwrap();
    }
    LocalSet::new().block_on(&current, async { refused(&session, &api) });
    assert_eq!(api.counts().connections, 0);
    assert_eq!(session.execute(books_of(&api)).unwrap().status(), 200);
    assert_eq!(api.counts().reuses, 0);
}

#[test]
fn where_tokio_lets_a_thread_block_a_blocking_call_works() {
    let api = Arc::new(rotating());
    let session = session(&api);
    let current = Builder::new_current_thread().build().unwrap();
    let multi = Builder::new_multi_thread().build().unwrap();
    for runtime in [&current, &multi] {
        let (session, api) = (session.clone(), Arc::clone(&api));
        let blocking = async move {
            spawn_blocking(move || read(&session, &api)).await.unwrap();
        };
        runtime.block_on(blocking);
    }
    multi.block_on(async { block_in_place(|| read(&session, &api)) });
    let _entered = current.enter();
    read(&session, &api);
    // An unconstrained task has no budget: the call blocks, and does not panic.
    let answer = multi.block_on(tokio::task::unconstrained(async {
        session
            .execute(books_of(&api))
            .map(|answer| answer.status())
    }));
    assert_eq!(answer.unwrap(), 200);
}

fn read(session: &Session, api: &MockApi) {
    let response = session.execute(books_of(api)).unwrap();
    assert!(response.text().unwrap().starts_with("[{"));
}

#[tokio::test]
async fn a_session_may_be_built_and_dropped_inside_a_runtime() {
    let api = Arc::new(rotating());
    let session = session(&api);
    let response = spawn_blocking({
        let (session, api) = (session.clone(), Arc::clone(&api));
        move || session.execute(books_of(&api)).unwrap()
    });
    let response = response.await.unwrap();
    drop(session);
    // This was the last handle to the thread.
    drop(response);
}

#[test]
fn promise_16_a_body_of_a_megabyte_comes_and_goes_as_it_is() {
    let world = Runtime::new().unwrap();
    let echo = world.block_on(Echo::start());
    let session = Session::build(echo.builder(support::transport())).unwrap();
    let body: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    let request = http::Request::post(echo.url("/books")).body(body.clone());
    let response = session.execute(request.unwrap()).unwrap();
    assert_eq!(response.content_length(), Some(1_000_000));
    assert!(response.bytes().unwrap() == body);
    let received = echo.received();
    assert_eq!(received.len(), 2, "the refused attempt and its replay");
    assert!(received.iter().all(|received| received.body == body));
}

/// A server that sends the second half of its one response after the first half was read.
fn in_two_halves() -> (String, Sender<()>) {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    let (read, was_read) = channel();
    thread::spawn(move || {
        let (mut client, _) = server.accept().unwrap();
        assert!(client.read(&mut [0; 4096]).unwrap() > 0);
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfirst";
        client.write_all(head.as_bytes()).unwrap();
        was_read.recv_timeout(PATIENCE).unwrap();
        client.write_all(b"other").unwrap();
    });
    (url, read)
}

#[test]
fn a_response_is_read_as_it_comes_and_outlives_the_session() {
    let api = rotating();
    let (url, was_read) = in_two_halves();
    let session = Session::build(builder(&api).origin(&url)).unwrap();
    let mut response = session.execute(get(url)).unwrap();
    drop(session);
    let mut half = [0; 5];
    response.read_exact(&mut half).unwrap();
    assert_eq!(&half, b"first");
    was_read.send(()).unwrap();
    let mut rest = String::new();
    response.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "other");
}

#[test]
fn timeouts_of_the_client_hold_while_a_body_is_read() {
    const PATIENCE: Duration = Duration::from_millis(200);
    let timeouts: [fn(ClientBuilder) -> ClientBuilder; 2] = [
        |client| client.no_proxy().read_timeout(PATIENCE),
        |client| client.no_proxy().timeout(PATIENCE),
    ];
    for timeout in timeouts {
        let (url, _was_read) = in_two_halves();
        let transport = ReqwestTransport::new(timeout).unwrap();
        let token = Token::new("valid").unwrap().with_refresh_token("r1");
        let api = rotating();
        let grant = JsonGrant::new(&api.url()).unwrap();
        let options = Session::builder(transport).origin(&url).grant(grant);
        let session = Session::build(options.token(token)).unwrap();
        let error = session.execute(get(url)).unwrap().bytes().unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
    }
}

#[test]
fn promise_14_a_reason_stands_in_the_extensions_of_the_blocking_response() {
    let api = rotating();
    let session = session(&api);
    let refused = session.execute(stream(&api)).unwrap();
    assert_eq!(refused.status(), 401);
    let reason = refused.extensions().get::<Reason>();
    assert_eq!(reason, Some(&Reason::BodyNotReplayable));
    assert!(refused.text().unwrap().contains("invalid_token"));
}

/// A store that reports each save.
struct Told(MemoryStore, Sender<Token>);

#[reauth_reqwest::reauth::async_trait]
impl TokenStore for Told {
    async fn load(&self) -> Result<Option<Stored>, StoreError> {
        self.0.load().await
    }

    async fn save_if(
        &self,
        expected: Option<&Version>,
        record: &Record,
    ) -> Result<Saved, StoreError> {
        let saved = self.0.save_if(expected, record).await;
        _ = self
            .1
            .send(record.token().expect("nobody signs out").clone());
        saved
    }
}

fn told(options: SessionBuilder<ReqwestTransport>) -> (Session, Receiver<Token>) {
    let (saved, told) = channel();
    let options = options.store(Told(MemoryStore::new(), saved));
    (Session::open(options).unwrap(), told)
}

#[test]
fn promise_7_a_refresh_that_nobody_waits_for_goes_on_after_the_call_returned() {
    let api = rotating();
    let (session, saved) = told(builder(&api));
    let gate = api.hold_refresh_answers();
    // A stream is not replayed, and its 401 does not wait for the refresh.
    assert_eq!(session.execute(stream(&api)).unwrap().status(), 401);
    gate.wait_for(1);
    let is_old = |token: Token| token.refresh_token() == Some(api.refresh_token());
    assert!(saved.try_iter().all(is_old));
    gate.open();
    let token = saved.recv_timeout(PATIENCE).unwrap();
    assert!(!is_old(token));
}

#[test]
fn promise_7_close_sees_such_a_refresh_through() {
    let api = rotating();
    let (session, saved) = told(builder(&api));
    let gate = api.hold_refresh_answers();
    assert_eq!(session.execute(stream(&api)).unwrap().status(), 401);
    gate.wait_for(1);
    let closing = thread::spawn(move || session.close());
    gate.open();
    closing.join().unwrap().unwrap();
    let token = saved.try_iter().last().unwrap();
    assert_ne!(token.refresh_token(), Some(api.refresh_token()));
}

#[test]
fn dropping_the_last_clone_ends_the_thread_and_closes_its_connections() {
    let api = rotating();
    // Long enough that the refresh does not end by its own deadline.
    let options = builder(&api).refresh_timeout(Duration::from_secs(3600));
    let session = Session::build(options).unwrap();
    let last = session.clone();
    let gate = api.hold_refreshes();
    assert_eq!(session.execute(stream(&api)).unwrap().status(), 401);
    gate.wait_for(1);
    drop(session);
    assert_eq!(gate.parked(), 1, "a clone is left");
    drop(last);
    gate.wait_for_disconnects(1);
}

/// A body that panics when it is read.
struct Panics;

impl http_body::Body for Panics {
    type Data = bytes::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<bytes::Bytes>, Self::Error>>> {
        panic!("on purpose")
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(1)
    }
}

/// A value whose conversion into a body panics.
impl From<Panics> for Body {
    fn from(_: Panics) -> Self {
        panic!("on purpose")
    }
}

#[test]
fn promise_8_a_panic_is_its_own_threads_and_poisons_nothing() {
    let api = rotating();
    let session = session(&api);
    let gate = api.hold_book_requests();
    let request = books_of(&api).map(|_| Body::once(Panics));
    let error = session.execute(request).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    gate.open();

    let (cloned, request) = (session.clone(), books_of(&api).map(|_| Panics));
    let caller = thread::spawn(move || cloned.execute(request).map(drop));
    assert!(caller.join().is_err());
    let (cloned, request) = (session.clone(), books_of(&api));
    let reader = thread::spawn(move || {
        let _half_read = cloned.execute(request).unwrap().read(&mut [0]).unwrap();
        panic!("on purpose");
    });
    assert!(reader.join().is_err());

    assert_eq!(session.execute(books_of(&api)).unwrap().status(), 200);
}

#[test]
fn promise_9_a_lost_token_answer_is_unknown_here_too() {
    let api = rotating();
    let options = builder(&api).token_use(TokenUse::SingleUse);
    let session = Session::build(options).unwrap();
    let (at, how) = (At::BeforeHead, How::Close);
    api.break_next_refresh(Break { at, how });
    let error = session.execute(books_of(&api)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnknown);
    assert_eq!(error.refused().unwrap().status(), 401);
    assert_eq!(api.counts().refreshes, 1);
}

#[test]
fn options_that_make_no_session_start_no_thread() {
    let options = Session::builder(support::transport());
    let error = Session::build(options).unwrap_err();
    assert!(matches!(error, BuildError::Session(_)));
}

const _: () = {
    const fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Session>();
};
