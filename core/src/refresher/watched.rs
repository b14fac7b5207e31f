//! A body that is given away only where its call may still be sent.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::call::Progress;

/// Bytes, which begin their call; a call that was given up has none.
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
            let error = "the session has given the token call up";
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
