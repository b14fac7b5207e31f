//! Reading a refused answer, so that its connection can serve the replay.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Response, StatusCode};

use super::head_buffer::HeadBuffer;
use crate::runtime::within;
use crate::{Runtime, Transport, collect};

/// How much of a refused answer's body is read, in bytes, and for how long.
pub(in crate::session) const LIMIT: usize = 64 * 1024;
pub(in crate::session) const TIMEOUT: Duration = Duration::from_millis(250);

/// A refused answer: its head, and what was read of its body.
///
/// A client's headers can be slices of all that it read at once: these are copies.
pub(in crate::session) struct Refused {
    status: StatusCode,
    headers: HeadBuffer,
    body: BytesMut,
}

impl Refused {
    fn of<T: Transport>(response: &T::Response) -> Self {
        Self {
            status: T::status(response),
            headers: HeadBuffer::new("", T::headers(response)),
            body: BytesMut::new(),
        }
    }
}

impl From<Refused> for Response<Bytes> {
    fn from(refused: Refused) -> Self {
        let mut response = Self::new(refused.body.freeze());
        *response.status_mut() = refused.status;
        *response.headers_mut() = refused.headers.headers();
        response
    }
}

/// Keeps the head of an answer, and what comes of its body in time, even where nobody waits so
/// long; then it is dropped.
pub(in crate::session) async fn drain<T: Transport>(
    mut response: T::Response,
    runtime: &dyn Runtime,
    drained: &mut Option<Refused>,
) {
    let kept = drained.insert(Refused::of::<T>(&response));
    let filled = collect::fill::<T>(&mut kept.body, LIMIT, &mut response);
    // A body that breaks off is worth as much as one that is cut.
    _ = within(runtime, TIMEOUT, filled).await;
}
