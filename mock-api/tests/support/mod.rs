//! A raw HTTP/1.1 client that shows exactly what is on the wire.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test binary uses a part of this"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use reauth_mock_api::MockApi;
use serde_json::{Value, json};

pub(crate) struct Response {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(field, _)| field.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub(crate) fn text(&self, field: &str) -> String {
        self.json()[field].as_str().unwrap().to_owned()
    }
}

pub(crate) struct Client(BufReader<TcpStream>);

impl Client {
    pub(crate) fn of(api: &MockApi) -> Self {
        Self(BufReader::new(TcpStream::connect(api.addr()).unwrap()))
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.0.get_ref().local_addr().unwrap()
    }

    pub(crate) fn send(&mut self, line: &str, headers: &[&str], body: &str) {
        let mut request = format!("{line} HTTP/1.1\r\nhost: books\r\n");
        for header in headers {
            request += &format!("{header}\r\n");
        }
        request += &format!("content-length: {}\r\n\r\n{body}", body.len());
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
    }

    /// Reads the next response; `None` if the connection ends without a byte.
    pub(crate) fn receive(&mut self) -> Option<Response> {
        let status = self.line()?;
        let status = status.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        while let Some((name, value)) = self.line().unwrap().split_once(": ") {
            headers.push((name.to_owned(), value.to_owned()));
        }
        let mut response = Response {
            status,
            headers,
            body: String::new(),
        };
        let length = response.header("content-length").unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        self.0.read_exact(&mut body).unwrap();
        response.body = String::from_utf8(body).unwrap();
        Some(response)
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).unwrap();
        (read > 0).then(|| line.trim_end().to_owned())
    }

    pub(crate) fn request(&mut self, line: &str, headers: &[&str], body: &str) -> Response {
        self.send(line, headers, body);
        self.receive().expect("an answer")
    }

    pub(crate) fn send_books(&mut self, token: &str) {
        let authorization = format!("authorization: Bearer {token}");
        self.send("GET /api/books", &[&authorization], "");
    }

    pub(crate) fn books(&mut self, token: &str) -> Response {
        self.send_books(token);
        self.receive().expect("an answer")
    }

    pub(crate) fn send_refresh(&mut self, token: &str) {
        let body = json!({ "refresh_token": token }).to_string();
        self.send("POST /auth/refresh", &[], &body);
    }

    pub(crate) fn refresh(&mut self, token: &str) -> Response {
        self.send_refresh(token);
        self.receive().expect("an answer")
    }
}
