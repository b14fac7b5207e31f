//! The things in which clients differ, and what each may do. The first is the default.

/// What a client says of a body whose request names no type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContentType {
    /// Nothing: there is no `Content-Type`.
    #[default]
    Absent,
    /// `application/octet-stream`, as RFC 9110 section 8.3 lets a reader assume: the adapter must
    /// name a type, or the client would name a wrong one.
    OctetStream,
}

/// What becomes of the trailers of an upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UploadTrailers {
    /// The server gets them.
    #[default]
    Sent,
    /// The body arrives whole and the trailers do not: the client's body has no place for them.
    Dropped,
}

/// What the caller gets where the server answers 401 in the middle of an upload, and says that it
/// closes.
///
/// Where the connection is reset at once, the answer may be lost on its way with every client:
/// then it is the 401, or an error of the class [`Other`](reauth::Failure::Other).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EarlyRefusal {
    /// The 401.
    #[default]
    Seen,
    /// An error of the class [`Other`](reauth::Failure::Other): the client writes to the end
    /// before it reads.
    Lost,
}

/// Whether the client waits for `100 Continue` before it takes a piece of a stream, where the
/// request has `Expect: 100-continue` ([RFC 9110 §10.1.1]).
///
/// [RFC 9110 §10.1.1]: https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExpectContinue {
    /// It does not: a stream that is refused has been begun, and the caller gets the 401 with
    /// [`Reason::BodyNotReplayable`](reauth::Reason::BodyNotReplayable).
    #[default]
    Ignored,
    /// It does: a stream whose head is refused is untouched, and is sent with the replay.
    Awaited,
}

/// What `send` does where a connection that was used before dies after the request was read, and
/// without a byte of an answer.
///
/// For token calls there is no such choice: no client may send one twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrokenReuse {
    /// It fails, with an error of the class [`Other`](reauth::Failure::Other).
    #[default]
    Fails,
    /// A request with a body fails, and one without a body whose method is idempotent (a GET) is
    /// sent again by itself ([RFC 9110 section 9.2.2] lets a client do so). An adapter must
    /// document it.
    ///
    /// [RFC 9110 section 9.2.2]: https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2
    ResendsBodiless,
    /// It sends the request again by itself, a POST too: the caller gets that answer, and the
    /// server may have done the work twice. An adapter must document it.
    ResendsByItself,
}

/// Over which connections token calls go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenCalls {
    /// A new one for each that needs it: refused request and replay take one connection, the
    /// refresh another.
    #[default]
    OwnConnection,
    /// Those of the requests: refused request, refresh and replay take one connection. Where that
    /// died while it was idle, a refresh token may be lost with it: an adapter must document it.
    Shared,
}

/// What becomes of a request whose URI has no host. Nothing is sent in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hostless {
    /// It is an error of the class [`Invalid`](reauth::Failure::Invalid).
    #[default]
    Invalid,
    /// It is an error of the class [`Connect`](reauth::Failure::Connect): the client notices when
    /// it looks for the host.
    Connect,
    /// It is an error of the class [`Other`](reauth::Failure::Other).
    Other,
}

/// What becomes of a request with a header whose value is not ASCII.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BinaryHeaders {
    /// The value arrives as it is.
    #[default]
    Sent,
    /// The request is an error of the class [`Invalid`](reauth::Failure::Invalid), and nothing is
    /// sent.
    Invalid,
}

/// When the caller gets the head of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Heads {
    /// Once it is there.
    #[default]
    AtOnce,
    /// With the first byte of its body, or its end: where the body breaks off before, `send` is an
    /// error of the class [`Other`](reauth::Failure::Other).
    WithBody,
}

/// What becomes of a head that breaks off behind one of its lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrokenHeads {
    /// It is an error of the class [`Other`](reauth::Failure::Other).
    #[default]
    Fail,
    /// It counts as a whole one, with the lines that came.
    Taken,
}

/// When the connection of a request or a response that was dropped is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Abandoned {
    /// Whatever the server does.
    #[default]
    ClosesAtOnce,
    /// When the server sends more.
    ClosesAtNextByte,
}

/// What the client does with a request that HTTP/2 proves unprocessed: its stream was refused
/// (`REFUSED_STREAM`), or lies beyond the last one of a GOAWAY ([RFC 9113 §8.7]).
///
/// Nothing is processed twice in any case.
///
/// [RFC 9113 §8.7]: https://www.rfc-editor.org/rfc/rfc9113#section-8.7
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unprocessed {
    /// It sends the request again by itself, and the caller gets that answer. A body that is a
    /// stream cannot be sent again: the caller gets an error of the class
    /// [`NotProcessed`](reauth::Failure::NotProcessed).
    #[default]
    ResentByClient,
    /// The caller gets an error of the class [`NotProcessed`](reauth::Failure::NotProcessed), and
    /// can send the request again.
    Reported,
    /// It sends a request without a body again by itself. One with a body is an error of the class
    /// [`Other`](reauth::Failure::Other): the client does not say that it was not processed. An
    /// adapter must document it.
    ResentWithoutBody,
}

/// Over which version of HTTP token calls go that need a connection of their own, where the
/// requests go over HTTP/2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenCallVersion {
    /// HTTP/2.
    #[default]
    Http2,
    /// HTTP/1.1. A server that speaks HTTP/2 with prior knowledge alone cannot be a token server:
    /// an adapter must document it.
    Http11,
}
