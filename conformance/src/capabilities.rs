//! In what clients may differ.
//!
//! Nothing here leaves a case out: each value is asserted, and a client that does better than its
//! adapter says fails too, so that what an adapter documents is true.

mod kinds;

pub use kinds::*;

/// What a client can do, and what it does in place of what it cannot.
///
/// The default is the client that every adapter would like to have.
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
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The headers that the client adds to each request by itself, in lower case, beside `host`
    /// and what frames a message. By default none.
    ///
    /// That of a body's type is [`content_type`](Self::content_type).
    pub fn added_headers(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        self.added_headers = names.into_iter().collect();
        self
    }

    /// What the client says of a body whose request names no type.
    pub fn content_type(mut self, content_type: ContentType) -> Self {
        self.content_type = content_type;
        self
    }

    /// What becomes of the trailers of an upload.
    pub fn upload_trailers(mut self, upload_trailers: UploadTrailers) -> Self {
        self.upload_trailers = upload_trailers;
        self
    }

    /// What the caller gets where the server refuses an upload before its end.
    pub fn early_refusal(mut self, early_refusal: EarlyRefusal) -> Self {
        self.early_refusal = early_refusal;
        self
    }

    /// Whether the client waits for `100 Continue` where a request asks for it.
    pub fn expect_continue(mut self, expect_continue: ExpectContinue) -> Self {
        self.expect_continue = expect_continue;
        self
    }

    /// What `send` does where a connection that was used before dies without an answer.
    pub fn broken_reuse(mut self, broken_reuse: BrokenReuse) -> Self {
        self.broken_reuse = broken_reuse;
        self
    }

    /// Over which connections token calls go.
    pub fn token_calls(mut self, token_calls: TokenCalls) -> Self {
        self.token_calls = token_calls;
        self
    }

    /// What becomes of a request whose URI has no host.
    pub fn hostless(mut self, hostless: Hostless) -> Self {
        self.hostless = hostless;
        self
    }

    /// What becomes of a request with a header whose value is not ASCII.
    pub fn binary_headers(mut self, binary_headers: BinaryHeaders) -> Self {
        self.binary_headers = binary_headers;
        self
    }

    /// When the caller gets the head of an answer.
    pub fn heads(mut self, heads: Heads) -> Self {
        self.heads = heads;
        self
    }

    /// What becomes of a head that breaks off behind one of its lines.
    pub fn broken_heads(mut self, broken_heads: BrokenHeads) -> Self {
        self.broken_heads = broken_heads;
        self
    }

    /// When the connection of a request or a response that was dropped is closed.
    pub fn abandoned(mut self, abandoned: Abandoned) -> Self {
        self.abandoned = abandoned;
        self
    }

    /// What the client does with a request that HTTP/2 proves unprocessed.
    pub fn unprocessed(mut self, unprocessed: Unprocessed) -> Self {
        self.unprocessed = unprocessed;
        self
    }

    /// Over which version of HTTP token calls go where the requests go over HTTP/2.
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
