//! What the server does with a request.

use http::HeaderMap;

use crate::server::Answer;
use crate::signal::Signal;

/// What the server does with a request, decided by its head.
#[derive(Clone)]
pub(crate) enum Plan {
    /// Reads the request to its end, records it, and answers.
    Answer(Answer),
    /// The same, with these trailers after the response body.
    AnswerWithTrailers(Answer, HeaderMap),
    /// Records the request, raises the first signal, and answers when the second one is raised.
    Hold {
        arrived: Signal,
        opened: Signal,
        answer: Answer,
    },
    /// Answers before it has read the body, and records the head only.
    AnswerEarly(Answer),
    /// Records the request and raises `arrived`. Once `dropped` is raised, it sends `first`, and
    /// raises `reset` when the client has reset the stream. It is a violation if the client
    /// never does, or does so before a byte that it should need.
    UntilReset {
        arrived: Signal,
        dropped: Signal,
        first: First,
        reset: Signal,
    },
    /// Resets the stream with `REFUSED_STREAM`. Nothing is read or recorded.
    Refuse,
    /// Sends a GOAWAY whose last stream is the one before this, and ignores the request.
    GoAwayBefore,
    /// Reads the request to its end, records it, sends a GOAWAY whose last stream is this one, and
    /// closes the connection without a response.
    GoAwayAndClose,
}

/// What the server sends to a client that has dropped its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum First {
    /// Nothing.
    Nothing,
    /// The head of a response and a piece of its body.
    Piece,
}
