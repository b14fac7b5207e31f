//! Keeps what a replay needs to send a body again.

use bytes::Bytes;

use super::lent::{Lender, lend};
use super::{Body, Factory, Kind};

/// A body that may be sent more than once.
pub(crate) struct Spare(Left);

/// What remains after a send.
enum Left {
    /// The whole body: not sent yet, or taken back.
    Whole(Body),
    Bytes(Bytes),
    Factory(Factory),
    /// A stream that the client has, and may not have read yet.
    Lent(Lender),
    /// A stream that was read from.
    Nothing,
}

impl Spare {
    pub(crate) const fn new(body: Body) -> Self {
        Self(Left::Whole(body))
    }

    /// The next body to send, if there is one.
    #[inline]
    pub(crate) fn send(&mut self) -> Option<Body> {
        if !self.is_there() {
            return None;
        }
        if let Left::Whole(Body(Kind::Bytes(bytes))) = &self.0
            && bytes.is_empty()
        {
            return Some(Body::empty());
        }
        let (body, left) = match std::mem::replace(&mut self.0, Left::Nothing) {
            Left::Whole(body) => split(body),
            Left::Bytes(bytes) => (bytes.clone().into(), Left::Bytes(bytes)),
            Left::Factory(factory) => (factory(), Left::Factory(factory)),
            Left::Lent(_) | Left::Nothing => return None,
        };
        self.0 = left;
        Some(body)
    }

    /// Whether it is a stream, which can be sent once.
    pub(crate) fn is_stream(&self) -> bool {
        match &self.0 {
            Left::Whole(body) => matches!(body.0, Kind::Stream(_) | Kind::Lent(_)),
            Left::Lent(_) | Left::Nothing => true,
            Left::Bytes(_) | Left::Factory(_) => false,
        }
    }

    /// Whether there is a body to send. Takes back a stream that was not read from.
    pub(crate) fn is_there(&mut self) -> bool {
        if let Left::Lent(lender) = &self.0 {
            let back = lender.take_back();
            self.0 = back.map_or(Left::Nothing, |stream| {
                Left::Whole(Body(Kind::Stream(stream)))
            });
        }
        !matches!(self.0, Left::Nothing)
    }
}

fn split(body: Body) -> (Body, Left) {
    match body.0 {
        Kind::Bytes(bytes) => (bytes.clone().into(), Left::Bytes(bytes)),
        Kind::Made(made, factory) => (*made, Left::Factory(factory)),
        Kind::Stream(stream) => {
            let (lent, lender) = lend(stream);
            (Body(Kind::Lent(lent)), Left::Lent(lender))
        }
        // Another session lent this stream, and may take it back.
        kind @ Kind::Lent(_) => (Body(kind), Left::Nothing),
    }
}
