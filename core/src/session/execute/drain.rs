//! Reads the rest of a refused response, so that the replay can reuse its connection.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Response, StatusCode};

use super::head_buffer::HeadBuffer;
use crate::runtime::within;
use crate::{Runtime, Transport, collect};

/// How much of the body is read, in bytes, and for how long.
pub(in crate::session) const LIMIT: usize = 64 * 1024;
pub(in crate::session) const TIMEOUT: Duration = Duration::from_millis(250);

/// A refused response: its head, and the part of its body that was read.
///
/// The headers are copies: those of a client may be slices of a large read buffer.
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

/// Reads a response to its end, within the limits above, and drops it. It stores the head at once
/// and the body as it arrives: if the future is dropped, `drained` has what was read until then.
pub(in crate::session) async fn drain<T: Transport>(
    mut response: T::Response,
    runtime: &dyn Runtime,
    drained: &mut Option<Refused>,
) {
    let kept = drained.insert(Refused::of::<T>(&response));
    let filled = collect::fill::<T>(&mut kept.body, LIMIT, &mut response);
    // A body that fails is kept as far as it came.
    _ = within(runtime, TIMEOUT, filled).await;
}
