//! A stream on its way to a client, which its session may take back while nobody has begun it.

use std::sync::Arc;
use std::task::{Context, Poll};

use http_body::SizeHint;

use super::BodyError;
use super::stream::{Polled, Streamed};
use crate::sync::{Mutex, lock};

/// Where the stream is until somebody takes it, once.
type Desk = Arc<Mutex<Option<Streamed>>>;

/// The client's side.
pub(super) enum Lent {
    Untouched(Desk),
    Begun(Streamed),
}

/// The session's side.
pub(super) struct Lender(Desk);

pub(super) fn lend(stream: Streamed) -> (Lent, Lender) {
    let desk = Arc::new(Mutex::new(Some(stream)));
    (Lent::Untouched(Arc::clone(&desk)), Lender(desk))
}

impl Lender {
    /// The stream, where nobody has begun it. Whoever begins it later gets an error, and no
    /// shorter body.
    pub(super) fn take_back(&self) -> Option<Streamed> {
        lock(&self.0).take()
    }
}

impl Lent {
    pub(super) fn poll_frame(&mut self, context: &mut Context<'_>) -> Polled {
        if let Self::Untouched(desk) = self {
            let taken = lock(desk).take();
            let Some(stream) = taken else {
                let error = "the request was refused before its body was read, and sent again";
                return Poll::Ready(Some(Err(BodyError(error.into()))));
            };
            *self = Self::Begun(stream);
        }
        match self {
            Self::Begun(stream) => stream.poll_frame(context),
            Self::Untouched(_) => Poll::Pending,
        }
    }

    pub(super) fn is_end_stream(&self) -> bool {
        match self {
            // One that was taken back does not end well: it must not look as if it did.
            Self::Untouched(desk) => lock(desk).as_ref().is_some_and(Streamed::is_end_stream),
            Self::Begun(stream) => stream.is_end_stream(),
        }
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        match self {
            Self::Untouched(desk) => {
                let stream = lock(desk);
                stream
                    .as_ref()
                    .map_or_else(SizeHint::new, Streamed::size_hint)
            }
            Self::Begun(stream) => stream.size_hint(),
        }
    }
}
