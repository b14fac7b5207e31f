//! The faults of a client.

/// One fault of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// None: the wrapper itself is no fault.
    None,
    /// Every method is a POST.
    KnowsOneMethod,
    /// The query is dropped.
    DropsTheQuery,
    /// Only the last of a repeated header is sent.
    DropsRepeatedHeaders,
    /// The repeated headers of a response are joined into one.
    JoinsResponseHeaders,
    /// Header values that are not text are dropped.
    DropsBinaryHeaders,
    /// A header without a value is dropped.
    DropsEmptyHeaders,
    /// It sends a `User-Agent`.
    AddsAHeader,
    /// A body is called a form.
    InventsAContentType,
    /// A request without a body gets one.
    FillsEmptyBodies,
    /// The last byte of a body is dropped.
    CutsBodies,
    /// A stream is read into memory first.
    CollectsStreams,
    /// A stream's length is not announced.
    ForgetsLengths,
    /// A stream that fails is ended.
    SwallowsStreamErrors,
    /// The head of a stream is sent first, if its token is refused.
    AsksFirst,
    /// A 401 is an error.
    FailsOnRefusals,
    /// A byte is added to each response.
    AddsToResponses,
    /// Each request has its own connection.
    ConnectsAnew,
    /// Token calls use the connections of the requests: no fault if declared.
    SharesTokenCalls,
    /// The extensions are new at each call.
    ForgetsExtensions,
    /// A response is read to its end before the caller gets it.
    BuffersResponses,
    /// A body that breaks off is ended.
    SwallowsResponseErrors,
    /// Redirects are followed.
    FollowsRedirects,
    /// Every error is `Failure::Other`.
    CallsAllOther,
    /// Every error is `Failure::Connect`.
    CallsAllConnect,
    /// The client's error is not among the sources.
    HidesSources,
    /// A request continues after its future is dropped.
    DetachesRequests,
    /// A response is read on after it is dropped.
    DetachesResponses,
    /// A failed request is resent.
    Resends,
    /// Everything is sent twice.
    SendsTwice,
    /// Each attempt carries its number.
    CountsAttempts,
    /// A credential is added.
    AddsACredential,
    /// What HTTP/2 proves unprocessed is an error: no fault if declared.
    LeavesResending,
    /// It has no timeout: no fault, because none is required.
    HasNoTimeout,
    /// Every answer is a success, and every error `Failure::Connect`.
    Lies,
}
