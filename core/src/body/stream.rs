//! A stream of frames, from a body or a stream of bytes.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::BodyError;
use crate::sync::{Mutex, lock};

pub(super) type Polled = Poll<Option<Result<Frame<Bytes>, BodyError>>>;

/// A stream of frames.
///
/// The lock is never contended: it makes this `Sync`, which adapters need.
pub(super) struct Streamed(Mutex<Pin<Box<Frames>>>);

type Frames = dyn HttpBody<Data = Bytes, Error = BodyError> + Send;

impl Streamed {
    pub(super) fn of_body<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        Self(Mutex::new(Box::pin(Wrapped(Box::pin(body)))))
    }

    pub(super) fn of_pieces<S, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self(Mutex::new(Box::pin(Pieces(Box::pin(stream)))))
    }

    pub(super) fn poll_frame(&mut self, context: &mut Context<'_>) -> Polled {
        lock(&self.0).as_mut().poll_frame(context)
    }

    pub(super) fn is_end_stream(&self) -> bool {
        lock(&self.0).is_end_stream()
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        lock(&self.0).size_hint()
    }
}

/// A body whose errors become [`BodyError`].
struct Wrapped<B>(Pin<Box<B>>);

impl<B> HttpBody for Wrapped<B>
where
    B: HttpBody<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        let frame = self.0.as_mut().poll_frame(context);
        frame.map_err(|error| BodyError(error.into()))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

/// A stream as a body.
struct Pieces<S>(Pin<Box<S>>);

impl<S, E> HttpBody for Pieces<S>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        let piece = self.0.poll_next_unpin(context);
        piece.map(|piece| {
            piece.map(|piece| match piece {
                Ok(bytes) => Ok(Frame::data(bytes)),
                Err(error) => Err(BodyError(error.into())),
            })
        })
    }
}
