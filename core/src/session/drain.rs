//! Reading a refused answer, so that its connection can serve the replay.

use std::time::Duration;

use bytes::BytesMut;
use http::Response;

use crate::runtime::before;
use crate::{Runtime, Transport, collect};

/// How much of a refused answer's body is read, in bytes, and for how long.
pub(super) const LIMIT: usize = 64 * 1024;
pub(super) const PATIENCE: Duration = Duration::from_millis(250);

/// Keeps the head of an answer, and what comes of its body in time, even where nobody waits so
/// long; then it is dropped.
pub(super) async fn drain<T: Transport>(
    mut response: T::Response,
    runtime: &dyn Runtime,
    drained: &mut Option<Response<BytesMut>>,
) {
    let mut kept = Response::new(BytesMut::new());
    *kept.status_mut() = T::status(&response);
    *kept.headers_mut() = T::headers(&response).clone();
    let kept = drained.insert(kept);
    let mut patience = runtime.sleep(PATIENCE);
    // A body that breaks off is worth as much as one that is cut.
    _ = before(
        &mut patience,
        collect::fill::<T>(kept.body_mut(), LIMIT, &mut response),
    )
    .await;
}
