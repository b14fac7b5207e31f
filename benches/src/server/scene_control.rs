//! A scene, as its figure uses it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use serde::de::DeserializeOwned;

use super::record::Record;
use super::setup::Setup;
use crate::BoxError;
use crate::target::Target;

/// A scene of the server, which ends with this handle.
#[derive(Debug)]
pub(crate) struct SceneControl {
    /// The address of the server that has the scenes.
    server: String,
    port: u16,
}

impl SceneControl {
    pub(crate) fn open(server: &Target, setup: &Setup) -> Result<Self, BoxError> {
        let server = server.origin.strip_prefix("http://");
        let server = server.ok_or("the server has another scheme")?.to_owned();
        let port = ask(&server, "POST", "/scenes", &serde_json::to_string(setup)?)?;
        Ok(Self { server, port })
    }

    /// Where the contenders send their requests.
    pub(crate) fn target(&self) -> Target {
        Target::new(&format!("http://127.0.0.1:{}", self.port))
    }

    /// What it has received and answered.
    pub(crate) fn record(&self) -> Result<Record, BoxError> {
        self.tell("GET", "")
    }

    /// Returns once a token call has arrived.
    pub(crate) fn departed(&self) -> Result<(), BoxError> {
        self.tell("POST", "/departed")
    }

    /// Releases the held token calls.
    pub(crate) fn release(&self) -> Result<(), BoxError> {
        self.tell("POST", "/release")
    }

    fn tell<T: DeserializeOwned>(&self, method: &str, word: &str) -> Result<T, BoxError> {
        let path = format!("/scenes/{}{word}", self.port);
        ask(&self.server, method, &path, "")
    }
}

impl Drop for SceneControl {
    fn drop(&mut self) {
        // The scene ends with the server at the latest.
        _ = self.tell::<()>("DELETE", "");
    }
}

/// Uses its own connection, and no client that would be counted.
fn ask<T: DeserializeOwned>(
    server: &str,
    method: &str,
    path: &str,
    body: &str,
) -> Result<T, BoxError> {
    let mut stream = TcpStream::connect(server)?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{body}"
    )?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    if !head.starts_with("HTTP/1.1 200 ") {
        return Err(format!("the server answered {body}").into());
    }
    Ok(serde_json::from_str(body)?)
}
