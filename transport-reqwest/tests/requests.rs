//! One request: its body, its headers, and where it may go.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::error::Error as _;
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use reauth_mock_api::{MockApi, Resource};
use reauth_reqwest::reauth::{Body, ErrorKind, JsonGrant, Reason, Token, WithoutCredentials};
use reauth_reqwest::{ReqwestTransport, SendError, SendWith, Session, reqwest};
use serde_json::json;
use support::echo::Echo;
use support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn post(echo: &Echo, body: impl Into<Body>) -> http::Request<Body> {
    let request = http::Request::post(echo.url("/books?a=b%20c"));
    let request = request
        .header(CONTENT_TYPE, "text/plain")
        .header("idempotency-key", "7")
        .header("x-twice", "1")
        .header("x-twice", "2");
    request.body(body.into()).unwrap()
}

#[tokio::test]
async fn promise_16_a_replay_is_byte_identical_but_for_its_token() {
    let echo = Echo::start().await;
    let session = echo.session();
    let body: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
    let answer = session.execute(post(&echo, body.clone())).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(reason(&answer), None);
    assert_eq!(answer.bytes().await.unwrap(), body);

    let [mut first, mut second]: [_; 2] = echo.received().try_into().unwrap();
    assert_eq!(first.headers.remove(AUTHORIZATION).unwrap(), "Bearer stale");
    assert_eq!(
        second.headers.remove(AUTHORIZATION).unwrap(),
        "Bearer fresh"
    );
    assert_eq!(first.headers, second.headers);
    assert_eq!(first.headers.get_all("x-twice").iter().count(), 2);
    assert_eq!(first.body, second.body);
    assert_eq!((&first.method, &first.uri), (&second.method, &second.uri));
    assert_eq!(first.method, Method::POST);
    assert_eq!(first.uri, "/books?a=b%20c");
}

#[tokio::test]
async fn promise_16_a_stream_is_never_replayed_and_the_next_request_has_a_new_token() {
    let echo = Echo::start().await;
    let session = echo.session();
    let once = Body::once(reqwest::Body::from("a stream"));
    let refused = session.execute(post(&echo, once)).await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(reason(&refused), Some(Reason::BodyNotReplayable));
    assert_eq!(echo.received().len(), 1);
    assert_eq!(echo.received()[0].body, "a stream");

    let once = Body::once(reqwest::Body::from("a stream"));
    let answer = session.execute(post(&echo, once)).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(
        echo.received().len(),
        2,
        "no attempt carried the refused token"
    );
    assert_eq!(answer.text().await.unwrap(), "a stream");
}

#[tokio::test]
async fn promise_14_the_callers_own_credentials_win_and_their_401_is_data() {
    let echo = Echo::start().await;
    let session = echo.session();
    let mut request = post(&echo, "text");
    let own = HeaderValue::from_static("Basic YTpi");
    request.headers_mut().insert(AUTHORIZATION, own.clone());
    let refused = session.execute(request).await.unwrap();
    assert_eq!(refused.status(), 401);
    let received = echo.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].headers[AUTHORIZATION], own);
}

#[tokio::test]
async fn promise_17_without_credentials_a_request_may_go_anywhere() {
    let (echo, foreign) = (Echo::start().await, Echo::start().await);
    let session = echo.session();
    let mut request = post(&foreign, "text");
    request.extensions_mut().insert(WithoutCredentials);
    let refused = session.execute(request).await.unwrap();
    assert_eq!(refused.status(), 401, "a 401 of another origin is data");
    let received = foreign.received();
    assert_eq!(received.len(), 1);
    assert!(!received[0].headers.contains_key(AUTHORIZATION));
    assert!(echo.received().is_empty());
}

#[tokio::test]
async fn promise_17_another_origin_is_an_error_before_anything_is_sent() {
    let (echo, foreign) = (Echo::start().await, Echo::start().await);
    let session = echo.session();
    let relative = http::Request::get("/books").body(Body::empty()).unwrap();
    for request in [post(&foreign, "text"), relative] {
        let error = session.execute(request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OriginNotAllowed);
    }
    assert!(foreign.received().is_empty() && echo.received().is_empty());
}

#[tokio::test]
async fn promise_17_a_redirect_is_returned_and_not_followed() {
    let echo = Echo::start().await;
    let follows = reqwest::redirect::Policy::limited;
    let transport = ReqwestTransport::new(|client| client.redirect(follows(5)));
    let session = echo.builder(transport.unwrap());
    let session = session.build().unwrap();
    let request = http::Request::get(echo.url("/redirect"));
    let answer = session.execute(request.body(()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(echo.received().len(), 1);
}

#[tokio::test]
async fn promise_17_a_ready_client_that_follows_redirects_is_found_out() {
    let echo = Echo::start().await;
    let client = reqwest::Client::new;
    let following = ReqwestTransport::from_clients_without_redirects(client(), client());
    let session = echo.builder(following).build().unwrap();
    let request = http::Request::get(echo.url("/redirect"));
    let error = session
        .execute(request.body(()).unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    let source = error.source().unwrap().downcast_ref::<SendError>().unwrap();
    assert!(source.to_string().contains("Policy::none()"), "{source}");
}

#[tokio::test]
async fn promise_17_a_fragment_is_no_redirect() {
    let echo = Echo::start().await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.build().unwrap();
    let ready = ReqwestTransport::from_clients_without_redirects(client.clone(), client);
    let session = echo.builder(ready).build().unwrap();
    let request = reqwest::Client::new().get(echo.url("/books#top"));
    let answer = request.send_with(&session).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(echo.received().len(), 2);
}

#[tokio::test]
async fn a_request_without_a_body_announces_none() {
    let echo = Echo::start().await;
    let session = echo.session();
    let request = http::Request::get(echo.url("/books")).body(()).unwrap();
    assert_eq!(session.execute(request).await.unwrap().status(), 200);
    for received in echo.received() {
        assert!(!received.headers.contains_key("content-length"));
        assert!(!received.headers.contains_key("transfer-encoding"));
    }
}

#[tokio::test]
async fn promise_21_a_refused_answer_is_drained_for_its_connection_or_dropped() {
    // One of them is the token call's.
    for (size, connections) in [(30_000, 2), (1_000_000, 3)] {
        let api = MockApi::start().unwrap();
        api.resource(Resource::Large401(size));
        let session = session(&api);
        assert_eq!(books(&session, &api).await.unwrap().status(), 200);
        assert_eq!(api.counts().connections, connections, "{size} bytes");
    }
}

#[tokio::test]
async fn promise_14_an_error_carries_up_to_64_kib_of_the_401_before_it() {
    let api = rotating();
    api.revoke();
    api.resource(Resource::Large401(1_000_000));
    let session = session(&api);
    let error = books(&session, &api).await.unwrap_err();
    let refused = error.refused().unwrap();
    assert_eq!(refused.body().len(), 64 * 1024);
    assert!(refused.headers().contains_key("www-authenticate"));
}

#[tokio::test]
async fn a_builder_of_reqwest_is_sent_with_a_session() {
    let echo = Echo::start().await;
    let session = echo.session();
    let client = reqwest::Client::new();
    let book = json!({"title": "Middlemarch"});
    let request = client.post(echo.url("/books?of=1871")).json(&book);
    let request = request.header("x-many", "one").header("x-many", "two");
    let answer = request.send_with(&session).await.unwrap();
    assert_eq!(answer.json::<serde_json::Value>().await.unwrap(), book);
    let received = echo.received();
    assert_eq!(received.len(), 2);
    for received in received {
        assert_eq!(received.headers[CONTENT_TYPE], "application/json");
        assert_eq!(received.headers["content-length"], "23");
        let many: Vec<_> = received.headers.get_all("x-many").iter().collect();
        assert_eq!(many, ["one", "two"]);
    }

    let invalid = client.get("not a url").send_with(&session).await;
    assert_eq!(invalid.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn a_timeout_of_a_builder_holds_for_an_attempt() {
    let api = MockApi::start().unwrap();
    let session = session(&api);
    let gate = api.hold_books();
    let client = reqwest::Client::new();
    let request = client.get(format!("{}/api/books", api.url()));
    let request = request.timeout(Duration::from_millis(50));
    let error = request.send_with(&session).await.unwrap_err();
    assert!(error.is_timeout());
    gate.open();
}

#[tokio::test]
async fn a_timeout_of_a_builder_holds_for_the_replay_too() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let refuse = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let token = r#"{"access_token":"fresh"}"#;
    let renew = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{token}",
        token.len()
    );
    let server = tokio::spawn(async move {
        for answer in [refuse, &renew, ""] {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut head = [0; 4096];
            let _: usize = connection.read(&mut head).await.unwrap();
            connection.write_all(answer.as_bytes()).await.unwrap();
            if answer.is_empty() {
                // Held until the client has given up.
                while connection.read(&mut head).await.is_ok_and(|read| read > 0) {}
            }
        }
    });
    let transport = ReqwestTransport::new(|client| client.no_proxy()).unwrap();
    let session = Session::builder(transport)
        .origin(&origin)
        .grant(JsonGrant::new(&format!("{origin}/auth/refresh")).unwrap())
        .token(Token::new("stale").unwrap().with_refresh_token("refresh"))
        .build()
        .unwrap();
    let request = reqwest::Client::new().get(format!("{origin}/books"));
    let request = request.timeout(Duration::from_secs(1));
    let error = request.send_with(&session).await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.refused().unwrap().status(), 401);
    server.await.unwrap();
}

#[tokio::test]
async fn a_failure_of_the_client_is_in_the_chain_of_sources() {
    let api = MockApi::start().unwrap();
    let session = session(&api);
    let request = books_of(&api);
    drop(api);
    let error = session.execute(request).await.unwrap_err();
    assert!(error.is_connect() && error.is_transient());
    let source = error.source().unwrap().source().unwrap();
    assert!(
        source
            .downcast_ref::<reqwest::Error>()
            .unwrap()
            .is_connect()
    );
}

#[tokio::test]
async fn the_response_is_reqwests_own() {
    let api = MockApi::start().unwrap();
    let session = session(&api);
    let response: reqwest::Response = books(&session, &api).await.unwrap();
    let mut stream = response.bytes_stream();
    let piece = futures_util::StreamExt::next(&mut stream).await;
    assert!(piece.unwrap().unwrap().starts_with(b"[{"));
}

#[tokio::test]
async fn promise_11_a_refusal_whose_body_breaks_off_is_the_refusal_that_its_head_says() {
    let api = MockApi::start().unwrap();
    let busy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/", busy.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = busy.accept().await.unwrap();
        let head = "HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 100\r\n\r\ncut";
        assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
        stream.write_all(head.as_bytes()).await.unwrap();
    });
    let session = builder(&api).grant(JsonGrant::new(&endpoint).unwrap());
    let session = session.refresh_retries(0).build().unwrap();
    let error = books(&session, &api).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
    assert!(error.retry_after().unwrap() > Duration::from_secs(6));
}

#[tokio::test]
async fn an_invalid_request_is_told_from_one_that_failed() {
    let echo = Echo::start().await;
    let session = echo.session();
    let mut request = http::Request::get("https://example.com:99999/")
        .body(())
        .unwrap();
    request.extensions_mut().insert(WithoutCredentials);
    let error = session.execute(request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}
