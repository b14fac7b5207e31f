//! What each kind of client may do. The first variant is the default.

/// The `Content-Type` of a body whose request names none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContentType {
    /// None.
    #[default]
    Absent,
    /// `application/octet-stream`, which RFC 9110 section 8.3 lets a reader assume. The adapter
    /// sets it because the client would otherwise add a wrong type.
    OctetStream,
}

/// What happens to the trailers of an upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UploadTrailers {
    /// They arrive.
    #[default]
    Sent,
    /// The body arrives whole, without its trailers.
    Dropped,
}

/// What the caller gets if the server answers 401 in the middle of an upload, and announces that
/// it closes the connection.
///
/// If the connection is reset at once, any client may lose the response. The caller then gets
/// the 401, or an error of the class [`Other`](reauth::Failure::Other).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EarlyRefusal {
    /// The 401.
    #[default]
    Seen,
    /// An error of the class [`Other`](reauth::Failure::Other), because the client finishes writing
    /// before it reads.
    Lost,
}

/// Whether the client waits for `100 Continue` before it reads a stream, if the request has
/// `Expect: 100-continue` ([RFC 9110 §10.1.1]).
///
/// [RFC 9110 §10.1.1]: https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExpectContinue {
    /// It does not wait. A refused stream has already been read from, so the caller gets the 401
    /// with [`Reason::BodyNotReplayable`](reauth::Reason::BodyNotReplayable).
    #[default]
    Ignored,
    /// It waits. A stream whose head is refused is untouched, and is sent with the replay.
    Awaited,
}

/// What `send` does if a reused connection dies after the request was read, without a byte of a
/// response.
///
/// Token calls have no such choice: no client may send one twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrokenReuse {
    /// It fails, with an error of the class [`Other`](reauth::Failure::Other).
    #[default]
    Fails,
    /// A request with a body fails. One without a body whose method is idempotent (a GET) is
    /// resent, which [RFC 9110 section 9.2.2] allows. The adapter must document it.
    ///
    /// [RFC 9110 section 9.2.2]: https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2
    ResendsBodiless,
    /// It resends the request, even a POST. The caller gets that response, and the server may have
    /// done the work twice. The adapter must document it.
    ResendsByItself,
}

/// Which connections token calls use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenCalls {
    /// A new one for each call that needs it: a refused request and its replay share one
    /// connection, and the refresh has another.
    #[default]
    OwnConnection,
    /// Those of the requests: refused request, refresh and replay share one connection. If it died
    /// while idle, a refresh token may be lost with it. The adapter must document it.
    Shared,
}

/// What happens to a request whose URI has no host. Nothing is sent in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hostless {
    /// It fails with the class [`Invalid`](reauth::Failure::Invalid).
    #[default]
    Invalid,
    /// It fails with the class [`Connect`](reauth::Failure::Connect): the client notices when it
    /// resolves the host.
    Connect,
    /// It fails with the class [`Other`](reauth::Failure::Other).
    Other,
}

/// What happens to a request with a header whose value is not ASCII.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BinaryHeaders {
    /// The value arrives unchanged.
    #[default]
    Sent,
    /// The request fails with the class [`Invalid`](reauth::Failure::Invalid), and nothing is sent.
    Invalid,
}

/// When the caller gets the head of a response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Heads {
    /// When it has arrived.
    #[default]
    AtOnce,
    /// With the first byte of the body, or at its end. If the body breaks off before, `send` fails
    /// with the class [`Other`](reauth::Failure::Other).
    WithBody,
}

/// What happens to a head that breaks off after one of its lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrokenHeads {
    /// It is an error of the class [`Other`](reauth::Failure::Other).
    #[default]
    Fail,
    /// It is accepted, with the lines that arrived.
    Taken,
}

/// When the connection of a dropped request or response is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Abandoned {
    /// At once.
    #[default]
    ClosesAtOnce,
    /// When the server sends more.
    ClosesAtNextByte,
}

/// What the client does with a request that HTTP/2 proves unprocessed: its stream was refused
/// (`REFUSED_STREAM`), or lies beyond the last one of a GOAWAY ([RFC 9113 §8.7]).
///
/// No request is processed twice in any case.
///
/// [RFC 9113 §8.7]: https://www.rfc-editor.org/rfc/rfc9113#section-8.7
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unprocessed {
    /// It resends the request, and the caller gets that response. A stream body cannot be resent:
    /// the caller gets an error of the class [`NotProcessed`](reauth::Failure::NotProcessed).
    #[default]
    ResentByClient,
    /// The caller gets an error of the class [`NotProcessed`](reauth::Failure::NotProcessed), and
    /// can send the request again.
    Reported,
    /// It resends a request without a body. One with a body fails with the class
    /// [`Other`](reauth::Failure::Other), because the client does not report that it was not
    /// processed. The adapter must document it.
    ResentWithoutBody,
}

/// The version of HTTP of token calls that need their own connection, while the requests use
/// HTTP/2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenCallVersion {
    /// HTTP/2.
    #[default]
    Http2,
    /// HTTP/1.1. A token server that speaks only HTTP/2 with prior knowledge cannot be used. The
    /// adapter must document it.
    Http11,
}
