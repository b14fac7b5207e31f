//! A body that tells when it is asked for.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Bytes, and what is called before they are given away.
pub(super) struct Watched<F> {
    bytes: Bytes,
    asked: F,
}

impl<F: Fn()> Watched<F> {
    pub(super) const fn new(bytes: Bytes, asked: F) -> Self {
        Self { bytes, asked }
    }
}

impl<F: Fn() + Unpin> Body for Watched<F> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        (self.asked)();
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
