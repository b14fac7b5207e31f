//! Breaks a connection at a chosen point of one response.
//!
//! It sits between hyper and the socket, and knows nothing of HTTP except where a head ends.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::shared::lock;

/// Where and how a connection breaks, for [`MockApi::break_next_books`] and similar methods.
///
/// [`MockApi::break_next_books`]: crate::MockApi::break_next_books
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// Where the connection breaks.
    pub at: At,
    /// How.
    pub how: How,
}

/// Where a connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Before the first byte of the head.
    BeforeHead,
    /// Inside the status line.
    InsideHead,
    /// After half of the body.
    InsideBody,
    /// After the last byte.
    AfterBody,
}

impl At {
    /// All points, for tables of tests.
    pub const ALL: [Self; 4] = [
        Self::BeforeHead,
        Self::InsideHead,
        Self::InsideBody,
        Self::AfterBody,
    ];
}

/// How a connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It is closed.
    Close,
    /// Its sending half is closed; the other half still reads.
    HalfClose,
    /// Nothing more is sent, and the connection stays open.
    Stall,
    /// It is reset.
    Reset,
    /// Bytes that are not HTTP are sent, then it is closed.
    Garbage,
}

impl How {
    /// All ways, for tables of tests.
    pub const ALL: [Self; 5] = [
        Self::Close,
        Self::HalfClose,
        Self::Stall,
        Self::Reset,
        Self::Garbage,
    ];
}

const GARBAGE: &[u8] = b"\0\xff\xfe this is not HTTP\r\n\r\n";

/// A connection whose next response may break.
pub(crate) type Armed = Arc<Mutex<Option<Break>>>;

pub(crate) struct Breakable {
    stream: TcpStream,
    armed: Armed,
    state: State,
}

enum State {
    Whole,
    /// What is still to be written, and what follows.
    Breaking(Vec<u8>, How),
    /// Nothing more is written.
    Silent,
}

impl Breakable {
    pub(crate) fn new(stream: TcpStream, armed: Armed) -> Self {
        Self {
            stream,
            armed,
            state: State::Whole,
        }
    }

    fn poll_break(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        while let State::Breaking(left, _) = &mut self.state {
            if left.is_empty() {
                break;
            }
            match ready!(Pin::new(&mut self.stream).poll_write(context, left)) {
                Ok(written) => drop(left.drain(..written)),
                Err(error) => return Poll::Ready(error),
            }
        }
        let how = match &self.state {
            State::Breaking(_, how) => *how,
            State::Whole | State::Silent => How::Stall,
        };
        match how {
            How::Close | How::Garbage => {}
            How::Reset => _ = self.stream.set_zero_linger(),
            How::HalfClose => {
                _ = ready!(Pin::new(&mut self.stream).poll_shutdown(context));
                self.state = State::Silent;
                return Poll::Pending;
            }
            How::Stall => {
                self.state = State::Silent;
                return Poll::Pending;
            }
        }
        Poll::Ready(io::ErrorKind::ConnectionAborted.into())
    }
}

/// What is sent of a response before it breaks. hyper writes a head and a small body at once.
fn sent(response: &[u8], fault: Break) -> Vec<u8> {
    let head = response.windows(4).position(|end| end == b"\r\n\r\n");
    let head = head.map_or(response.len(), |end| end + 4);
    let length = match fault.at {
        At::BeforeHead => 0,
        At::InsideHead => "HTTP/1.1 2".len(),
        At::InsideBody => head + (response.len() - head) / 2,
        At::AfterBody => response.len(),
    };
    let mut sent = response[..length].to_vec();
    if fault.how == How::Garbage {
        sent.extend_from_slice(GARBAGE);
    }
    sent
}

impl AsyncWrite for Breakable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let State::Whole = self.state {
            let armed = lock(&self.armed).take();
            let Some(fault) = armed else {
                return Pin::new(&mut self.stream).poll_write(context, bytes);
            };
            self.state = State::Breaking(sent(bytes, fault), fault.how);
        }
        self.poll_break(context).map(Err)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncRead for Breakable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}
