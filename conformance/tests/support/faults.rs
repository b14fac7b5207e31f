//! What a client can do wrong.

/// One thing that a client does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: the wrapper alone is no fault.
    None,
    /// Every method is a POST.
    KnowsOneMethod,
    /// The query is left out.
    DropsTheQuery,
    /// Of a repeated header the last stays.
    DropsRepeatedHeaders,
    /// Of a response's repeated headers one stays, with all values.
    JoinsResponseHeaders,
    /// Header values are text or nothing.
    DropsBinaryHeaders,
    /// A header without a value is left out.
    DropsEmptyHeaders,
    /// It says who it is.
    AddsAHeader,
    /// A body is a form.
    InventsAContentType,
    /// A request without a body gets one.
    FillsEmptyBodies,
    /// The last byte of a body is left out.
    CutsBodies,
    /// A stream is read into memory first.
    CollectsStreams,
    /// A stream's length is left out.
    ForgetsLengths,
    /// A stream that fails has ended.
    SwallowsStreamErrors,
    /// The head of a stream goes first, where its token is one that is refused.
    AsksFirst,
    /// A 401 is an error.
    FailsOnRefusals,
    /// A byte is added to each response.
    AddsToResponses,
    /// Each request has a connection of its own.
    ConnectsAnew,
    /// Token calls go over the connections of the requests: no fault where it is declared.
    SharesTokenCalls,
    /// The extensions are new each time.
    ForgetsExtensions,
    /// A response is read to its end before the caller gets it.
    BuffersResponses,
    /// A body that breaks off has ended.
    SwallowsResponseErrors,
    /// Redirects are followed.
    FollowsRedirects,
    /// Every error is `Failure::Other`.
    CallsAllOther,
    /// Every error is `Failure::Connect`.
    CallsAllConnect,
    /// The client's error is not among the sources.
    HidesSources,
    /// A request goes on when its future is dropped.
    DetachesRequests,
    /// A response is read on when it is dropped.
    DetachesResponses,
    /// What failed is sent again.
    Resends,
    /// Everything is sent twice.
    SendsTwice,
    /// An attempt says which one it is.
    CountsAttempts,
    /// A credential is added.
    AddsACredential,
    /// What HTTP/2 proves unprocessed is an error: no fault where it is declared.
    LeavesResending,
    /// It has no timeout: no fault, since none can be asked for.
    HasNoTimeout,
    /// Every answer is a success, and every error `Failure::Connect`.
    Lies,
}
