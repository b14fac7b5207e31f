//! A request's body as isahc reads it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_lite::AsyncRead;
use http_body::Body as _;
use isahc::AsyncBody;
use reauth::Body;

/// Reads the frames one after the other, without trailers.
///
/// A reader cannot be rewound, so libcurl cannot send what it read a second time.
struct Upload {
    body: Body,
    piece: Bytes,
    begun: Arc<AtomicBool>,
}

/// How much of a body isahc has read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Progress {
    /// isahc has read nothing of the body yet.
    NotBegun,
    /// Some of it may have been sent, or there is no body.
    Unknown,
}

/// Watches a body that isahc owns; empty without a body.
pub(crate) struct Watch(Option<Arc<AtomicBool>>);

impl Watch {
    pub(crate) fn progress(&self) -> Progress {
        match &self.0 {
            Some(begun) if !begun.load(Ordering::Acquire) => Progress::NotBegun,
            Some(_) | None => Progress::Unknown,
        }
    }
}

/// Turns a body into isahc's, with its length if known, and without copying bytes.
pub(crate) fn upload(body: Body) -> (AsyncBody, Watch) {
    let length = body.size_hint().exact();
    if length == Some(0) {
        return (AsyncBody::empty(), Watch(None));
    }
    let begun = Arc::new(AtomicBool::new(false));
    let watch = Watch(Some(begun.clone()));
    let piece = Bytes::new();
    let upload = Upload { body, piece, begun };
    let body = match length {
        Some(length) => AsyncBody::from_reader_sized(upload, length),
        None => AsyncBody::from_reader(upload),
    };
    (body, watch)
}

impl AsyncRead for Upload {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.begun.store(true, Ordering::Release);
        while self.piece.is_empty() {
            // A panic would end isahc's thread, and every request of the client with it.
            let body = Pin::new(&mut self.body);
            let frame = catch_unwind(AssertUnwindSafe(|| body.poll_frame(context)))
                .map_err(|_| io::Error::other("the request's body panicked"))?;
            match ready!(frame).transpose().map_err(io::Error::other)? {
                None => return Poll::Ready(Ok(0)),
                Some(frame) => self.piece = frame.into_data().unwrap_or_default(),
            }
        }
        let read = buffer.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut buffer[..read]);
        Poll::Ready(Ok(read))
    }
}
