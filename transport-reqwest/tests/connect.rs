//! A server that accepts no connection, without waiting for it in real time.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::time::{Duration, SystemTime};

use reauth_reqwest::reauth::{Body, ErrorKind, JsonGrant, SessionBuilder, Token, TokenUse};
use reauth_reqwest::{ReqwestTransport, Session};
use support::transport;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{Instant, timeout};

/// A listener whose queue is full, so that Linux leaves new connections unanswered.
struct Full {
    listener: TcpListener,
    _queue: Vec<TcpStream>,
}

impl Full {
    async fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let addr = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        // A loopback connection succeeds at once, or not at all.
        while let Ok(queued) = timeout(Duration::from_secs(1), TcpStream::connect(addr)).await {
            queue.push(queued.unwrap());
            assert!(queue.len() < 16, "the queue never fills");
        }
        Self {
            listener,
            _queue: queue,
        }
    }

    fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap())
    }

    fn builder(&self) -> SessionBuilder<ReqwestTransport> {
        self.builder_over(transport())
    }

    fn builder_over(&self, transport: ReqwestTransport) -> SessionBuilder<ReqwestTransport> {
        Session::builder(transport)
            .origin(&self.url())
            .grant(JsonGrant::new(&self.url()).unwrap())
    }

    fn request(&self) -> http::Request<Body> {
        http::Request::get(self.url()).body(Body::empty()).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn promise_11_a_token_server_that_takes_no_connection_is_transient_and_not_unknown() {
    let full = Full::new().await;
    let expired = Token::new("expired").unwrap().with_refresh_token("r");
    let expired = expired.with_expires_at(SystemTime::UNIX_EPOCH);
    let session = full.builder().token(expired).build().unwrap();
    let error = session.execute(full.request()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
}

#[tokio::test(start_paused = true)]
async fn promise_9_a_deadline_before_the_refresh_token_was_asked_for_costs_nothing() {
    let full = Full::new().await;
    let expired = Token::new("expired").unwrap().with_refresh_token("r");
    let expired = expired.with_expires_at(SystemTime::UNIX_EPOCH);
    // The deadline passes before the client gives up connecting.
    let session = full.builder().refresh_timeout(Duration::from_secs(5));
    let session = session.token_use(TokenUse::SingleUse).token(expired);
    let session = session.build().unwrap();
    let error = session.execute(full.request()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
    assert!(error.is_transient());
}

/// For requests and for token calls.
#[tokio::test(start_paused = true)]
async fn promise_27_a_connect_timeout_of_the_application_wins() {
    const PATIENCE: Duration = Duration::from_secs(3);
    let full = Full::new().await;
    let transport = || {
        let client = ReqwestTransport::new(|client| client.no_proxy().connect_timeout(PATIENCE));
        client.unwrap()
    };
    let valid = Token::new("valid").unwrap().with_refresh_token("r1");
    let session = full.builder_over(transport()).token(valid).build().unwrap();
    let began = Instant::now();
    let error = session.execute(full.request()).await.unwrap_err();
    assert!(error.is_connect());
    assert!(began.elapsed() < 2 * PATIENCE, "{:?}", began.elapsed());

    let expired = Token::new("expired").unwrap().with_refresh_token("r");
    let expired = expired.with_expires_at(SystemTime::UNIX_EPOCH);
    let session = full.builder_over(transport()).refresh_retries(0);
    let session = session.token(expired).build().unwrap();
    let began = Instant::now();
    let error = session.execute(full.request()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
    assert!(began.elapsed() < 2 * PATIENCE, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_takes_no_connection_is_told_from_one_that_is_slow() {
    let full = Full::new().await;
    let session = full
        .builder()
        .token(Token::new("valid").unwrap().with_refresh_token("r1"));
    let session = session.build().unwrap();
    // Without a timeout of the client, only the deadline ends it.
    let hour = Duration::from_secs(3600);
    let answer = timeout(hour, session.execute(full.request())).await;
    assert!(answer.unwrap().unwrap_err().is_connect());
}
