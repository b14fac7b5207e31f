//! Reading a body up to a limit.

use bytes::{Bytes, BytesMut};

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

/// What a token server answers, as far as it came, and what it broke off with.
pub(crate) async fn answer<T: Transport>(
    response: &mut T::Response,
) -> (Bytes, Result<(), T::Error>) {
    let mut whole = Bytes::new();
    while whole.len() < ANSWER_LIMIT {
        let mut piece = match T::chunk(response).await {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            Err(error) => return (whole, Err(error)),
        };
        piece.truncate(ANSWER_LIMIT - whole.len());
        // Most come in one piece, which is not copied.
        whole = match whole.is_empty() {
            true => piece,
            false => {
                let mut longer = BytesMut::from(whole);
                longer.extend_from_slice(&piece);
                longer.freeze()
            }
        };
    }
    (whole, Ok(()))
}
