use std::io::{Read, Write};

use super::*;

/// Sends these bytes and nothing else, and returns what the server answers.
fn sent(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.addr).expect("a connection");
    stream.write_all(bytes).expect("a server that reads");
    stream.shutdown(std::net::Shutdown::Write).expect("a half");
    let mut answer = String::new();
    _ = stream.read_to_string(&mut answer);
    answer
}

fn echo() -> Server {
    Server::answering(|request| Answer::new(200).body(request.body.clone())).expect("a server")
}

#[test]
fn what_arrives_is_written_down() {
    let server = echo();
    let request = b"PUT /a?b HTTP/1.1\r\nX-A: 1\r\nx-a: \xff\r\nContent-Length: 3\r\n\r\nabc";
    let answer = sent(&server, request);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nabc"));
    let received = server.only().expect("one request");
    assert_eq!(
        (received.method.as_str(), received.target.as_str()),
        ("PUT", "/a?b")
    );
    assert_eq!(received.all("x-a"), [&b"1"[..], b"\xff"]);
    assert_eq!(received.header("x-a"), None, "which of them?");
    assert_eq!(
        (received.framing, received.body),
        (Framing::Length(3), b"abc".to_vec())
    );
}

#[test]
fn chunks_are_joined_and_their_trailers_kept() {
    let server = echo();
    let head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    let body = b"3\r\nabc\r\n0A;x=y\r\n0123456789\r\n0\r\nX-Sum: 7\r\n\r\n";
    sent(&server, &[&head[..], body].concat());
    let received = server.only().expect("one request");
    assert_eq!(received.framing, Framing::Chunked);
    assert_eq!(received.body, b"abc0123456789");
    assert_eq!(received.trailers, [("x-sum".to_owned(), b"7".to_vec())]);
}

#[test]
fn requests_of_one_connection_are_counted() {
    let server = echo();
    sent(&server, b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
    sent(&server, b"GET /3 HTTP/1.1\r\n\r\n");
    let received = server.received().expect("requests");
    let seen: Vec<_> = received
        .iter()
        .map(|of| (of.connection, of.before))
        .collect();
    assert_eq!(seen, [(0, 0), (0, 1), (1, 0)]);
}

#[test]
fn a_request_that_ends_too_early_is_none() {
    for cut in [
        "POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nab",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
        "POST / HTTP/1.1\r\n",
    ] {
        let server = echo();
        assert_eq!(sent(&server, cut.as_bytes()), "", "{cut:?}");
        assert!(
            server.received().expect("nothing illegal").is_empty(),
            "{cut:?}"
        );
    }
}

#[test]
fn what_is_not_http_is_a_violation() {
    let head = "POST / HTTP/1.1\r\n";
    for illegal in [
        "content-length: 3\r\ncontent-length: 3\r\n\r\nabc",
        "content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "transfer-encoding: gzip\r\n\r\n",
        "content-length: three\r\n\r\nabc",
        "transfer-encoding: chunked\r\n\r\nthree\r\nabc\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
        "no colon\r\n\r\n",
    ] {
        let server = echo();
        sent(&server, format!("{head}{illegal}").as_bytes());
        let seen = server.received().expect_err("a violation").to_string();
        assert!(
            seen.starts_with("illegal on the wire: "),
            "{illegal:?}: {seen}"
        );
    }
}

#[test]
fn a_server_that_is_dropped_closes_what_is_open() {
    let server = echo();
    let mut stream = TcpStream::connect(server.addr).expect("a connection");
    stream
        .write_all(b"GET / HTTP/1.1\r\n\r\n")
        .expect("a server that reads");
    let mut answer = [0; 8];
    stream.read_exact(&mut answer).expect("an answer");
    drop(server);
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).expect("an end");
}
