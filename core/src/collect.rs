//! Reading a body up to a limit.

use bytes::BytesMut;

use crate::Transport;

/// How much of a token server's answer is read, in bytes.
pub(crate) const ANSWER_LIMIT: usize = 64 * 1024;

/// Reads into `body` until it has so many bytes; it keeps what has come if the future is dropped,
/// or fails.
pub(crate) async fn fill<T: Transport>(
    body: &mut BytesMut,
    limit: usize,
    response: &mut T::Response,
) -> Result<(), T::Error> {
    while body.len() < limit
        && let Some(piece) = T::chunk(response).await?
    {
        let room = limit - body.len();
        body.extend_from_slice(&piece[..piece.len().min(room)]);
    }
    Ok(())
}
