//! One connection, as a script uses it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::head::{illegal, parse};
use super::{Answer, Framing, Received, Shared, lock};
use crate::Abandoned;
use crate::signal::{Signal, Waited};

/// How long a read, a write or a wait may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the test watches a client that must do nothing.
const GLANCE: Duration = Duration::from_millis(300);

/// How often a wait checks whether the server has stopped.
const TICK: Duration = Duration::from_millis(20);

/// A connection to a client.
pub(crate) struct Connection {
    stream: TcpStream,
    number: usize,
    requests: usize,
    /// What was read and is not used yet.
    ahead: Vec<u8>,
    shared: Arc<Shared>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, number: usize, shared: Arc<Shared>) -> io::Result<Self> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        // With Nagle's algorithm, a second piece would wait for the client's delayed ACK.
        stream.set_nodelay(true)?;
        lock(&shared.streams).push(stream.try_clone()?);
        Ok(Self {
            stream,
            number,
            requests: 0,
            ahead: Vec::new(),
            shared,
        })
    }

    /// Reads the next request to its end; `None` if the client has closed.
    pub(crate) fn read(&mut self) -> io::Result<Option<Received>> {
        let Some(mut request) = self.read_head()? else {
            return Ok(None);
        };
        if request.header("expect") == Some("100-continue") {
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        self.read_body(&mut request)?;
        Ok(Some(request))
    }

    /// Reads the head of the next request; `None` if the client has closed.
    pub(crate) fn read_head(&mut self) -> io::Result<Option<Received>> {
        let length = loop {
            if let Some(end) = find(&self.ahead, b"\r\n\r\n") {
                break end + 4;
            }
            if self.more()? == 0 {
                return match self.ahead.is_empty() {
                    true => Ok(None),
                    false => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
        };
        let head: Vec<u8> = self.ahead.drain(..length).collect();
        let mut request = parse(&head)?;
        request.connection = self.number;
        request.before = self.requests;
        self.requests += 1;
        Ok(Some(request))
    }

    /// Reads the body of a request whose head was read, and records the request.
    pub(crate) fn read_body(&mut self, request: &mut Received) -> io::Result<()> {
        match request.framing {
            Framing::Nothing => {}
            Framing::Length(length) => request.body = self.take(length)?,
            Framing::Chunked => self.read_chunks(request)?,
        }
        self.note(request);
        Ok(())
    }

    /// Records a request as received, as far as it was read.
    pub(crate) fn note(&self, request: &Received) {
        lock(&self.shared.received).push(request.clone());
    }

    /// Reads this many bytes.
    pub(crate) fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.ahead.len() < length {
            if self.more()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let rest = self.ahead.split_off(length);
        Ok(std::mem::replace(&mut self.ahead, rest))
    }

    fn read_chunks(&mut self, request: &mut Received) -> io::Result<()> {
        loop {
            let line = self.line()?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16)
                .map_err(|_| illegal(format!("the chunk size {line:?}")))?;
            if size == 0 {
                break;
            }
            request.body.extend(self.take(size)?);
            if self.take(2)? != b"\r\n" {
                return Err(illegal("a chunk without the line end after it"));
            }
        }
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Ok(());
            }
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| illegal(format!("the trailer {line:?}")))?;
            let value = value.trim().as_bytes().to_vec();
            request.trailers.push((name.to_ascii_lowercase(), value));
        }
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = find(&self.ahead, b"\r\n") {
                let line = self.take(end + 2)?;
                return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            if self.more()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn more(&mut self) -> io::Result<usize> {
        let mut piece = [0; 64 * 1024];
        let count = self.stream.read(&mut piece)?;
        self.ahead.extend_from_slice(&piece[..count]);
        Ok(count)
    }

    pub(crate) fn answer(&mut self, answer: &Answer) -> io::Result<()> {
        self.write(&answer.bytes())
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Blocks until the client has closed a connection that it no longer needs, as declared; `next`
    /// are the next bytes to send.
    pub(crate) fn until_abandoned(&mut self, declared: Abandoned, next: &[u8]) -> io::Result<()> {
        match declared {
            Abandoned::ClosesAtOnce => {}
            Abandoned::ClosesAtNextByte => {
                // A client that closes later does as declared.
                self.stream.set_read_timeout(Some(GLANCE))?;
                if matches!(self.more(), Ok(0)) {
                    self.complain("a client that closes before the next byte comes");
                }
                self.stream.set_read_timeout(Some(PATIENCE))?;
                self.write(next)?;
            }
        }
        self.until_closed();
        Ok(())
    }

    /// Blocks until the client has closed; it is a violation if it does not in time.
    pub(crate) fn until_closed(&mut self) {
        loop {
            self.ahead.clear();
            match self.more() {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if is_closed(&error) => return,
                Err(_) => {
                    return self.complain("a client that never closes its connection");
                }
            }
        }
    }

    /// Records a violation of the client.
    pub(crate) fn complain(&self, what: &str) {
        lock(&self.shared.illegal).push(what.to_owned());
    }

    /// Blocks until the signal is raised, or the server stops.
    pub(crate) fn wait(&self, signal: &Signal) -> io::Result<()> {
        for _ in 0..PATIENCE.as_millis() / TICK.as_millis() {
            if signal.wait_for(TICK) == Waited::Raised {
                return Ok(());
            }
            if self.shared.stopped.load(Ordering::SeqCst) {
                break;
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }

    /// Shuts down the sending side; what the client sends is still read.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)
    }

    pub(crate) fn close(&mut self) {
        _ = self.stream.shutdown(Shutdown::Both);
    }
}

/// Whether this error means that the client has closed.
pub(crate) fn is_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
    )
}

fn find(bytes: &[u8], sought: &[u8]) -> Option<usize> {
    bytes
        .windows(sought.len())
        .position(|found| found == sought)
}
