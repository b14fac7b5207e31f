//! A body that is sent in pieces.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body::{Frame, SizeHint};

/// The pieces of a body, whose length may be announced.
pub(crate) struct Upload {
    frames: VecDeque<io::Result<Frame<Bytes>>>,
    hint: SizeHint,
}

impl Upload {
    /// A body whose length is unknown until its end.
    pub(crate) fn of_unknown_length(pieces: impl IntoIterator<Item = Bytes>) -> Self {
        let frame = |piece| Ok(Frame::data(piece));
        Self {
            frames: pieces.into_iter().map(frame).collect(),
            hint: SizeHint::new(),
        }
    }

    /// A body whose length is announced.
    pub(crate) fn of_known_length(pieces: impl IntoIterator<Item = Bytes>) -> Self {
        let pieces: Vec<Bytes> = pieces.into_iter().collect();
        let length = pieces.iter().map(|piece| piece.len() as u64).sum();
        Self {
            hint: SizeHint::with_exact(length),
            ..Self::of_unknown_length(pieces)
        }
    }

    /// Adds a trailer.
    pub(crate) fn trailer(mut self, name: HeaderName, value: HeaderValue) -> Self {
        let trailers = HeaderMap::from_iter([(name, value)]);
        self.frames.push_back(Ok(Frame::trailers(trailers)));
        self
    }

    /// Announces this many more bytes than come.
    pub(crate) fn and_never(mut self, bytes: u64) -> Self {
        let length = self.hint.exact().unwrap_or_default();
        self.hint = SizeHint::with_exact(length + bytes);
        self
    }

    /// Ends with an error instead, which must not be mistaken for one of the client's own.
    pub(crate) fn failing(mut self) -> Self {
        let elsewhere = io::ErrorKind::ConnectionRefused;
        self.frames.push_back(Err(elsewhere.into()));
        self
    }
}

impl http_body::Body for Upload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.frames.pop_front())
    }

    fn size_hint(&self) -> SizeHint {
        self.hint
    }
}

/// Splits a body into pieces.
pub(crate) fn pieces(body: &Bytes) -> Vec<Bytes> {
    let starts = (0..body.len()).step_by(PIECE);
    starts
        .map(|start| body.slice(start..body.len().min(start + PIECE)))
        .collect()
}

/// An odd size, unlike that of any buffer.
const PIECE: usize = 9_973;
