//! A stream that is given to a client, and that the session can take back until it is first read.

use std::sync::Arc;
use std::task::{Context, Poll};

use http_body::SizeHint;

use super::BodyError;
use super::stream::{Polled, Streamed};
use crate::sync::{Mutex, lock};

/// Holds the stream until one side takes it.
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
    /// Takes the stream, if the client has not read from it. A client that reads later gets an
    /// error, not a shorter body.
    pub(super) fn take_back(&self) -> Option<Streamed> {
        lock(&self.0).take()
    }
}

impl Lent {
    pub(super) fn poll_frame(&mut self, context: &mut Context<'_>) -> Polled {
        if let Self::Untouched(desk) = self {
            let taken = lock(desk).take();
            let Some(stream) = taken else {
                let error = "the session took this body back to send the request again";
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
            // A stream that was taken back must not look complete.
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
