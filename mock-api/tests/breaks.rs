//! A connection breaks once, where and how the test says.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reauth_mock_api::{At, Break, How, MockApi};
use support::Client;

/// What comes before the end, and how the connection ends; `None` if it stays open.
fn broken(api: &MockApi, fault: Break) -> (Vec<u8>, Option<Result<(), ErrorKind>>) {
    api.break_next_books(fault);
    let mut stream = TcpStream::connect(api.addr()).unwrap();
    let timeout = Duration::from_millis(300);
    stream.set_read_timeout(Some(timeout)).unwrap();
    stream
        .write_all(b"GET /api/books HTTP/1.1\r\nhost: books\r\n\r\n")
        .unwrap();
    let mut bytes = Vec::new();
    let end = match stream.read_to_end(&mut bytes) {
        Ok(_) => Some(Ok(())),
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(error) => Some(Err(error.kind())),
    };
    (bytes, end)
}

#[test]
fn each_break_is_what_it_says() {
    let api = MockApi::start().unwrap();
    let mut whole = Client::of(&api);
    let body = whole.request("GET /api/books", &[], "").body;
    for at in At::ALL {
        for how in How::ALL {
            let (bytes, end) = broken(&api, Break { at, how });
            let case = format!("{at:?} {how:?}");
            let expected = match how {
                How::Close | How::HalfClose | How::Garbage => Some(Ok(())),
                How::Stall => None,
                How::Reset => Some(Err(ErrorKind::ConnectionReset)),
            };
            assert_eq!(end, expected, "{case}");
            let text = String::from_utf8_lossy(&bytes);
            let (text, garbage) = match text.split_once('\0') {
                Some((text, garbage)) => (text, garbage.contains("not HTTP")),
                None => (&*text, false),
            };
            assert_eq!(garbage, how == How::Garbage, "{case}");
            if how == How::Reset {
                continue;
            }
            match at {
                At::BeforeHead => assert_eq!(text, "", "{case}"),
                At::InsideHead => assert_eq!(text, "HTTP/1.1 4", "{case}"),
                At::InsideBody => assert!(text.ends_with(&body[..body.len() / 2]), "{case}"),
                At::AfterBody => assert!(text.ends_with(&body), "{case}"),
            }
        }
    }
    assert_eq!(
        whole.request("GET /api/books", &[], "").body,
        body,
        "once each"
    );
}

#[test]
fn a_refresh_is_processed_before_its_answer_breaks() {
    let api = MockApi::start().unwrap();
    let (at, how) = (At::BeforeHead, How::Close);
    api.break_next_refresh(Break { at, how });
    let mut client = Client::of(&api);
    client.send_refresh(api.refresh_token());
    assert!(client.receive().is_none());
    assert_eq!(api.counts().refreshed, 1);
}

#[test]
fn a_request_can_be_held_before_its_token_is_judged() {
    let api = MockApi::start().unwrap();
    let gate = api.hold_book_requests();
    let token = api.issue_access_token();
    let mut client = Client::of(&api);
    client.send_books(&token);
    gate.wait_for(1);
    api.expire_access_tokens();
    gate.open();
    assert_eq!(client.receive().unwrap().status, 401);
}
