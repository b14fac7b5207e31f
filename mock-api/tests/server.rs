//! The server around the routes: its log, address and shutdown.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::io::ErrorKind;
use std::net::TcpStream;

use reauth_mock_api::{AccessLog, MockApi, TokenEndpoint};
use support::Client;

#[test]
fn the_log_has_the_lines_of_uvicorn() {
    let api = MockApi::start().unwrap();
    let mut client = Client::of(&api);
    let peer = client.addr();
    client.books("stale");
    let token = client.refresh(api.refresh_token()).text("access_token");
    client.books(&token);
    client.request("GET /nowhere?a=b%0Ac", &[], "");
    let expected = [
        "\"GET /api/books HTTP/1.1\" 401 Unauthorized",
        "\"POST /auth/refresh HTTP/1.1\" 200 OK",
        "\"GET /api/books HTTP/1.1\" 200 OK",
        "\"GET /nowhere?a=b%0Ac HTTP/1.1\" 404 Not Found",
    ];
    assert_eq!(
        api.log(),
        expected.map(|line| format!("INFO:     {peer} - {line}"))
    );
}

#[test]
fn a_lost_answer_is_in_the_log() {
    let api = MockApi::start().unwrap();
    api.token_endpoint(TokenEndpoint::LoseAnswer);
    let mut client = Client::of(&api);
    client.send_refresh(api.refresh_token());
    assert!(client.receive().is_none());
    assert!(api.log()[0].ends_with("200 OK"));
}

#[test]
fn a_discarded_log_is_empty() {
    let api = MockApi::builder().access_log(AccessLog::Discard);
    let api = api.start().unwrap();
    Client::of(&api).books("stale");
    assert!(api.log().is_empty());
}

#[test]
fn dropping_it_closes_the_port_and_the_connections() {
    let api = MockApi::start().unwrap();
    let addr = api.addr();
    let mut client = Client::of(&api);
    client.books("stale");
    drop(api);
    assert!(client.receive().is_none());
    let refused = TcpStream::connect(addr).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn a_taken_port_is_an_error() {
    let api = MockApi::start().unwrap();
    let error = MockApi::builder().address(api.addr()).start().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

#[test]
fn it_starts_and_stops_inside_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(async {
        let api = MockApi::start().unwrap();
        let gate = api.hold_books();
        let mut client = Client::of(&api);
        client.send_books("stale");
        gate.arrived(1).await;
        gate.open();
        assert_eq!(client.receive().unwrap().status, 401);
    });
}

#[test]
fn it_is_shared_between_threads() {
    fn assert_shared<T: Send + Sync + 'static>() {}
    assert_shared::<MockApi>();
}
