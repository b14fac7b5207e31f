//! Tells the server when to answer, over a connection that allocates nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::BoxError;
use crate::target::Target;

/// How long a response may take; a request that does not arrive ends the run.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Control(TcpStream);

impl Control {
    pub(super) fn connect(target: &Target) -> Result<Self, BoxError> {
        let address = target.origin.strip_prefix("http://");
        let stream = TcpStream::connect(address.ok_or("the server is not on http")?)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(stream))
    }

    /// Makes the server hold all responses from now on.
    pub(super) fn shut(&mut self) -> Result<(), BoxError> {
        self.tell("/hold/shut")
    }

    /// Returns once this many requests have arrived since.
    pub(super) fn arrived(&mut self, requests: usize) -> Result<(), BoxError> {
        self.tell(&format!("/hold/arrived?{requests}"))
    }

    /// Releases all held responses.
    pub(super) fn open(&mut self) -> Result<(), BoxError> {
        self.tell("/hold/open")
    }

    fn tell(&mut self, path: &str) -> Result<(), BoxError> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n");
        self.0.write_all(request.as_bytes())?;
        let (mut answer, mut read) = (Vec::new(), [0; 256]);
        while !answer.ends_with(b"{}") {
            match self.0.read(&mut read)? {
                0 => return Err(format!("the server did not answer {path}").into()),
                length => answer.extend(&read[..length]),
            }
        }
        match answer.starts_with(b"HTTP/1.1 200 ") {
            true => Ok(()),
            false => Err(format!("the server does not know {path}").into()),
        }
    }
}
