//! The body of a request.
//!
//! [`Body`] is opaque, so that new kinds of body need no change in an adapter.

mod error;
mod lent;
mod spare;
mod stream;

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use http_body::{Body as HttpBody, Frame, SizeHint};

pub use error::BodyError;
use lent::Lent;
pub(crate) use spare::Spare;
use stream::Streamed;

/// The body of a request.
///
/// | made from | replay after a 401 |
/// |---|---|
/// | bytes: `Body::from` | sends the same bytes, without a copy |
/// | a [`factory`](Self::factory) | calls the factory for another body |
/// | a [`stream`](Self::stream), or an [`http_body::Body`]: [`once`](Self::once) | only if no frame was read yet |
///
/// If the body cannot be replayed, the caller gets the 401 with [`Reason::BodyNotReplayable`]. The
/// session never sends a shorter or empty body instead.
///
/// An adapter takes the bytes if there are any ([`into_bytes`](Self::into_bytes)), and otherwise
/// uses this as an [`http_body::Body`].
///
/// [`Reason::BodyNotReplayable`]: crate::Reason::BodyNotReplayable
pub struct Body(Kind);

enum Kind {
    Bytes(Bytes),
    Stream(Streamed),
    /// A stream that the session can take back until its first frame is read.
    Lent(Lent),
    /// A body, and the factory of the next one.
    Made(Box<Body>, Factory),
}

type Factory = Arc<dyn Fn() -> Body + Send + Sync>;

impl Body {
    /// An empty body.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Kind::Bytes(Bytes::new()))
    }

    /// A body that can be sent once. Frames, trailers and size hint are passed on unchanged.
    pub fn once<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        Self(Kind::Stream(Streamed::of_body(body)))
    }

    /// A stream of unknown length that can be sent once.
    ///
    /// ```
    /// use futures_util::stream;
    /// let pieces = ["one", "two"].map(|piece| Ok::<_, std::io::Error>(piece.into()));
    /// let body = reauth::Body::stream(stream::iter(pieces));
    /// ```
    pub fn stream<S, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self(Kind::Stream(Streamed::of_pieces(stream)))
    }

    /// A body from a closure, which is called now and once for each replay.
    ///
    /// Every body must be the same, byte for byte. If the closure cannot make it again, it should
    /// return a stream that fails: the request then fails too.
    ///
    /// ```
    /// use futures_util::stream;
    /// let piece = || stream::iter([Ok::<_, std::io::Error>("a piece".into())]);
    /// let body = reauth::Body::factory(move || reauth::Body::stream(piece()));
    /// ```
    pub fn factory<F, B>(factory: F) -> Self
    where
        F: Fn() -> B + Send + Sync + 'static,
        B: Into<Self>,
    {
        let factory: Factory = Arc::new(move || factory().into());
        Self(Kind::Made(Box::new(factory()), factory))
    }

    /// Another copy of this body; `None` if it can be sent only once.
    #[must_use]
    pub fn try_clone(&self) -> Option<Self> {
        match &self.0 {
            Kind::Bytes(bytes) => Some(Self(Kind::Bytes(bytes.clone()))),
            Kind::Made(_, factory) => {
                let factory = Arc::clone(factory);
                Some(Self(Kind::Made(Box::new(factory()), factory)))
            }
            Kind::Stream(_) | Kind::Lent(_) => None,
        }
    }

    /// The bytes of the body; `None` if it is a stream.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Kind::Bytes(bytes) => Some(bytes),
            Kind::Made(made, _) => made.as_bytes(),
            Kind::Stream(_) | Kind::Lent(_) => None,
        }
    }

    /// The bytes of the body.
    ///
    /// # Errors
    ///
    /// The body itself, if it is a stream.
    pub fn into_bytes(self) -> Result<Bytes, Self> {
        match self.0 {
            Kind::Bytes(bytes) => Ok(bytes),
            Kind::Made(made, _) => made.into_bytes(),
            kind @ (Kind::Stream(_) | Kind::Lent(_)) => Err(Self(kind)),
        }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.0 {
            Kind::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Bytes(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Stream(stream) => stream.poll_frame(context),
            Kind::Lent(lent) => lent.poll_frame(context),
            Kind::Made(made, _) => Pin::new(&mut **made).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Bytes(bytes) => bytes.is_empty(),
            Kind::Stream(stream) => stream.is_end_stream(),
            Kind::Lent(lent) => lent.is_end_stream(),
            Kind::Made(made, _) => made.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Stream(stream) => stream.size_hint(),
            Kind::Lent(lent) => lent.size_hint(),
            Kind::Made(made, _) => made.size_hint(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Bytes(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Stream(_) | Kind::Lent(_) => f.write_str("Body(once)"),
            Kind::Made(..) => f.write_str("Body(factory)"),
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<()> for Body {
    fn from((): ()) -> Self {
        Self::empty()
    }
}

macro_rules! from_bytes {
    ($($held:ty),*) => {$(
        impl From<$held> for Body {
            fn from(held: $held) -> Self {
                Self(Kind::Bytes(held.into()))
            }
        }
    )*};
}

from_bytes!(Bytes, String, Vec<u8>, &'static str);

#[cfg(test)]
mod tests;
