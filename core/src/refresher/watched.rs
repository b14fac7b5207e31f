//! The body of a token request, which is sent only if its call was not abandoned.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::call::Progress;

/// A body whose first read begins the call. It fails if the call was abandoned.
pub(super) struct Watched {
    bytes: Bytes,
    call: Progress,
}

impl Watched {
    pub(super) const fn new(bytes: Bytes, call: Progress) -> Self {
        Self { bytes, call }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if !self.call.begin() {
            let error = "the session has abandoned this token request";
            return Poll::Ready(Some(Err(io::Error::other(error))));
        }
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}
