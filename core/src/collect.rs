//! Reads a response body up to a limit.

use std::pin::pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;

use crate::runtime::within;
use crate::{Runtime, Transport};

/// The largest body of a token response that is read, in bytes.
pub(crate) const ANSWER_LIMIT: usize = 64 * 1024;

/// Reads into `body` until it has `limit` bytes or the response ends. If the future fails or is
/// dropped, `body` keeps what was read.
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

/// How long to wait for the end of a token response that is already complete: a connection that was
/// read to its end can be reused.
pub(crate) const END_PATIENCE: Duration = Duration::from_millis(250);

/// Time limit for the body of a token response that is not a success, from its head.
pub(crate) const REFUSAL_PATIENCE: Duration = Duration::from_secs(5);

/// How the body of a token response ended.
pub(crate) enum End<E> {
    /// All of it arrived, or all that matters.
    Whole,
    /// It is longer than the limit.
    TooLong,
    /// It broke off before it was complete.
    Broken(E),
}

/// Reads a body up to [`ANSWER_LIMIT`], and returns it with the error that ended it, if any.
pub(crate) async fn answer<T: Transport>(
    response: &mut T::Response,
) -> (Bytes, Result<(), T::Error>) {
    let mut body = Bytes::new();
    while body.len() < ANSWER_LIMIT {
        match T::chunk(response).await {
            Ok(Some(piece)) => body = joined(body, piece),
            Ok(None) => break,
            Err(error) => return (body, Err(error)),
        }
    }
    (body, Ok(()))
}

/// Reads the body of a token response. Once `is_whole` accepts what was read, it does not matter
/// what follows: more bytes, an error, or no end at all.
pub(crate) async fn token_answer<T: Transport>(
    response: &mut T::Response,
    runtime: &dyn Runtime,
    is_whole: impl Fn(&[u8]) -> bool,
) -> (Bytes, End<T::Error>) {
    let mut body = Bytes::new();
    // Each check parses the whole body: a limit for one that arrives in tiny pieces.
    let mut looks = 0..64;
    loop {
        let mut next = pin!(T::chunk(response));
        let (next, whole) = match next.as_mut().now_or_never() {
            Some(next) => (Some(next), false),
            None if looks.next().is_some() && is_whole(&body) => {
                (within(runtime, END_PATIENCE, next).await, true)
            }
            None => (Some(next.await), false),
        };
        match next {
            Some(Ok(Some(_))) if whole => return (body, End::Whole),
            Some(Ok(Some(piece))) => {
                let fits = piece.len() <= ANSWER_LIMIT - body.len();
                body = joined(body, piece);
                if !fits {
                    let end = if is_whole(&body) {
                        End::Whole
                    } else {
                        End::TooLong
                    };
                    return (body, end);
                }
            }
            Some(Ok(None)) | None => return (body, End::Whole),
            Some(Err(_)) if whole || is_whole(&body) => return (body, End::Whole),
            Some(Err(error)) => return (body, End::Broken(error)),
        }
    }
}

/// Appends a piece. The first piece, often the only one, is not copied.
fn joined(body: Bytes, mut piece: Bytes) -> Bytes {
    piece.truncate(ANSWER_LIMIT - body.len());
    if body.is_empty() {
        return piece;
    }
    let mut longer = BytesMut::from(body);
    longer.extend_from_slice(&piece);
    longer.freeze()
}
