//! Contenders send the same requests as their baselines.

#![allow(
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "tests may panic"
)]

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use super::ALL;
use crate::ask::{Ask, Case};
use crate::contender::Contender;
use crate::target::Target;

/// What libcurl adds, with a session and without.
const ISAHCS_OWN: &str = "accept-encoding: deflate, gzip";

#[test]
fn every_contender_sends_the_same_head_and_body() {
    for case in Case::ALL {
        let bare = sent(&ALL[0], case);
        for contender in ALL {
            let sent = sent(contender, case);
            assert_eq!(sent, bare, "{}, {}", contender.name, case.title());
        }
    }
}

/// The lines of the head, sorted, and the body.
fn sent(contender: &Contender, case: Case) -> (BTreeSet<String>, Vec<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let server = answering_once(listener, case.body);
    let load = (contender.load)(&Target::new(&origin)).unwrap();
    let ask = Ask::new(format!("{origin}/ok"), case);
    load.series(&ask, 1).unwrap();
    let (head, body) = server.join().unwrap();
    let lines = head.to_lowercase().replace(&origin["http://".len()..], "");
    let lines = lines.lines().filter(|line| *line != ISAHCS_OWN);
    (lines.map(str::to_owned).collect(), body)
}

fn answering_once(listener: TcpListener, length: usize) -> JoinHandle<(String, Vec<u8>)> {
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let head = head(&mut stream);
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).unwrap();
        (head, body)
    })
}

fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    String::from_utf8(head).unwrap()
}
