//! Reading a refused answer, so that its connection can serve the replay.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::Response;

use crate::runtime::before;
use crate::{Runtime, Transport, collect};

/// How much of a refused answer's body is read, in bytes, and for how long.
pub(super) const LIMIT: usize = 64 * 1024;
pub(super) const PATIENCE: Duration = Duration::from_millis(250);

/// The head of an answer, and what came of its body in time; then it is dropped.
pub(super) async fn drain<T: Transport>(
    mut response: T::Response,
    runtime: &dyn Runtime,
) -> Response<Bytes> {
    let mut body = BytesMut::new();
    let mut patience = runtime.sleep(PATIENCE);
    // A body that breaks off is worth as much as one that is cut.
    _ = before(
        &mut patience,
        collect::fill::<T>(&mut body, LIMIT, &mut response),
    )
    .await;
    let mut drained = Response::new(body.freeze());
    *drained.status_mut() = T::status(&response);
    *drained.headers_mut() = T::headers(&response).clone();
    drained
}
