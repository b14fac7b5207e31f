//! What a request carries.
//!
//! Opaque, so that what it can be made of may grow without a change to an adapter.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

/// The body of a request.
///
/// From bytes, and from what holds them, it costs nothing to send again. From a stream
/// ([`Body::once`]) it can be sent once, and a request whose token is refused is then not
/// replayed: the caller gets the 401 with [`Reason::BodyNotReplayable`].
///
/// An adapter takes the bytes where there are any ([`into_bytes`](Self::into_bytes)); else this
/// is an [`http_body::Body`] to wrap.
///
/// [`Reason::BodyNotReplayable`]: crate::Reason::BodyNotReplayable
pub struct Body(Kind);

enum Kind {
    Bytes(Bytes),
    Once(Once),
}

/// The lock has no rival: it makes the stream `Sync`, as adapters ask.
type Once = Mutex<Pin<Box<dyn HttpBody<Data = Bytes, Error = BodyError> + Send>>>;

impl Body {
    /// No body at all.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Kind::Bytes(Bytes::new()))
    }

    /// A body that can be sent once; its frames, trailers and size hint stay as they are.
    pub fn once<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        Self(Kind::Once(Mutex::new(Box::pin(Boxed(Box::pin(body))))))
    }

    /// The same body once more, where it can be sent more than once.
    #[must_use]
    pub fn try_clone(&self) -> Option<Self> {
        match &self.0 {
            Kind::Bytes(bytes) => Some(Self(Kind::Bytes(bytes.clone()))),
            Kind::Once(_) => None,
        }
    }

    /// Its bytes, where it is made of them.
    ///
    /// # Errors
    ///
    /// The body itself, where it is a stream.
    pub fn into_bytes(self) -> Result<Bytes, Self> {
        match self.0 {
            Kind::Bytes(bytes) => Ok(bytes),
            once @ Kind::Once(_) => Err(Self(once)),
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
            Kind::Once(body) => {
                let body = body.get_mut().unwrap_or_else(PoisonError::into_inner);
                body.as_mut().poll_frame(context)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Bytes(bytes) => bytes.is_empty(),
            Kind::Once(body) => lock(body).is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Once(body) => lock(body).size_hint(),
        }
    }
}

fn lock(
    once: &Once,
) -> std::sync::MutexGuard<'_, Pin<Box<dyn HttpBody<Data = Bytes, Error = BodyError> + Send>>> {
    once.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Bytes(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Once(_) => f.write_str("Body(once)"),
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

/// A stream that makes a request's body failed.
#[derive(Debug)]
pub struct BodyError(Box<dyn Error + Send + Sync>);

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request's body could not be read")
    }
}

impl Error for BodyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

/// A body with our error in the place of its own.
struct Boxed<B>(Pin<Box<B>>);

impl<B> HttpBody for Boxed<B>
where
    B: HttpBody<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
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

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn frames(mut body: Body) -> Vec<u8> {
        let mut context = Context::from_waker(Waker::noop());
        let mut read = Vec::new();
        while let Poll::Ready(Some(frame)) = Pin::new(&mut body).poll_frame(&mut context) {
            read.extend(frame.expect("bytes").into_data().expect("data"));
        }
        assert!(body.is_end_stream());
        read
    }

    #[test]
    fn promise_16_bytes_are_the_same_each_time() {
        for body in [
            Body::from("text"),
            Body::from(String::from("text")),
            Body::from(b"text".to_vec()),
            Body::from(Bytes::from_static(b"text")),
        ] {
            let again = body.try_clone().expect("bytes");
            assert_eq!(body.size_hint().exact(), Some(4));
            assert_eq!(frames(body), b"text");
            assert_eq!(again.into_bytes().expect("bytes"), "text");
        }
        assert_eq!(frames(Body::empty()), b"");
    }

    #[test]
    fn promise_16_a_stream_is_no_bytes_and_has_no_second_time() {
        let once = Body::once(String::from("text"));
        assert!(once.try_clone().is_none());
        assert_eq!(once.size_hint().exact(), Some(4));
        let once = once.into_bytes().expect_err("a stream");
        assert_eq!(frames(once), b"text");
    }
}
