//! The differences between clients.
//!
//! No case is left out: each value is asserted. A client that does better than its adapter
//! declares fails too, so the declaration is always true.

mod kinds;

pub use kinds::*;

/// What a client can do, and what it does instead of what it cannot.
///
/// The default is the client that meets every case without an exception.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Capabilities {
    added_headers: Vec<&'static str>,
    content_type: ContentType,
    upload_trailers: UploadTrailers,
    early_refusal: EarlyRefusal,
    expect_continue: ExpectContinue,
    broken_reuse: BrokenReuse,
    token_calls: TokenCalls,
    hostless: Hostless,
    binary_headers: BinaryHeaders,
    heads: Heads,
    broken_heads: BrokenHeads,
    abandoned: Abandoned,
    unprocessed: Unprocessed,
    token_call_version: TokenCallVersion,
}

impl Capabilities {
    /// Returns the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the headers, in lower case, that the client adds to each request by itself, besides
    /// `host` and message framing. Default: none.
    ///
    /// For the type of a body, see [`content_type`](Self::content_type).
    pub fn added_headers(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        self.added_headers = names.into_iter().collect();
        self
    }

    /// Sets the `Content-Type` of a body whose request names none.
    pub fn content_type(mut self, content_type: ContentType) -> Self {
        self.content_type = content_type;
        self
    }

    /// Sets what happens to the trailers of an upload.
    pub fn upload_trailers(mut self, upload_trailers: UploadTrailers) -> Self {
        self.upload_trailers = upload_trailers;
        self
    }

    /// Sets what the caller gets if the server refuses an upload before its end.
    pub fn early_refusal(mut self, early_refusal: EarlyRefusal) -> Self {
        self.early_refusal = early_refusal;
        self
    }

    /// Sets whether the client waits for `100 Continue` if a request asks for it.
    pub fn expect_continue(mut self, expect_continue: ExpectContinue) -> Self {
        self.expect_continue = expect_continue;
        self
    }

    /// Sets what `send` does if a reused connection dies without a response.
    pub fn broken_reuse(mut self, broken_reuse: BrokenReuse) -> Self {
        self.broken_reuse = broken_reuse;
        self
    }

    /// Sets which connections token calls use.
    pub fn token_calls(mut self, token_calls: TokenCalls) -> Self {
        self.token_calls = token_calls;
        self
    }

    /// Sets what happens to a request whose URI has no host.
    pub fn hostless(mut self, hostless: Hostless) -> Self {
        self.hostless = hostless;
        self
    }

    /// Sets what happens to a request with a header whose value is not ASCII.
    pub fn binary_headers(mut self, binary_headers: BinaryHeaders) -> Self {
        self.binary_headers = binary_headers;
        self
    }

    /// Sets when the caller gets the head of a response.
    pub fn heads(mut self, heads: Heads) -> Self {
        self.heads = heads;
        self
    }

    /// Sets what happens to a head that breaks off after one of its lines.
    pub fn broken_heads(mut self, broken_heads: BrokenHeads) -> Self {
        self.broken_heads = broken_heads;
        self
    }

    /// Sets when the connection of a dropped request or response is closed.
    pub fn abandoned(mut self, abandoned: Abandoned) -> Self {
        self.abandoned = abandoned;
        self
    }

    /// Sets what the client does with a request that HTTP/2 proves unprocessed.
    pub fn unprocessed(mut self, unprocessed: Unprocessed) -> Self {
        self.unprocessed = unprocessed;
        self
    }

    /// Sets the version of HTTP of token calls while the requests use HTTP/2.
    pub fn token_call_version(mut self, version: TokenCallVersion) -> Self {
        self.token_call_version = version;
        self
    }

    pub(crate) fn adds(&self) -> &[&'static str] {
        &self.added_headers
    }

    pub(crate) fn of_content_type(&self) -> ContentType {
        self.content_type
    }

    pub(crate) fn of_upload_trailers(&self) -> UploadTrailers {
        self.upload_trailers
    }

    pub(crate) fn of_early_refusal(&self) -> EarlyRefusal {
        self.early_refusal
    }

    pub(crate) fn of_expect_continue(&self) -> ExpectContinue {
        self.expect_continue
    }

    pub(crate) fn of_broken_reuse(&self) -> BrokenReuse {
        self.broken_reuse
    }

    pub(crate) fn of_token_calls(&self) -> TokenCalls {
        self.token_calls
    }

    pub(crate) fn of_hostless(&self) -> Hostless {
        self.hostless
    }

    pub(crate) fn of_binary_headers(&self) -> BinaryHeaders {
        self.binary_headers
    }

    pub(crate) fn of_heads(&self) -> Heads {
        self.heads
    }

    pub(crate) fn of_broken_heads(&self) -> BrokenHeads {
        self.broken_heads
    }

    pub(crate) fn of_abandoned(&self) -> Abandoned {
        self.abandoned
    }

    pub(crate) fn of_unprocessed(&self) -> Unprocessed {
        self.unprocessed
    }

    pub(crate) fn of_token_call_version(&self) -> TokenCallVersion {
        self.token_call_version
    }
}
