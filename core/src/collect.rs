//! Reading a body up to a limit.

use bytes::{Bytes, BytesMut};

use crate::Transport;

/// The body of a response, cut at a limit of bytes.
pub(crate) async fn up_to<T: Transport>(
    limit: usize,
    response: &mut T::Response,
) -> Result<Bytes, T::Error> {
    let mut body = BytesMut::new();
    fill::<T>(&mut body, limit, response).await?;
    Ok(body.freeze())
}

/// Reads into `body`, which keeps what has come if the future is dropped.
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
