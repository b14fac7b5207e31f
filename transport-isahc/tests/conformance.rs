//! Runs the conformance suite on this adapter.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::future::Future;
use std::time::Duration;

use futures_lite::future::block_on;
use isahc::config::{Configurable, VersionNegotiation};
use reauth_conformance::{
    Abandoned, Adapter, BinaryHeaders, BrokenHeads, BrokenReuse, Capabilities, ContentType,
    ExpectContinue, Heads, Http2Adapter, TokenCallVersion, Unprocessed, UploadTrailers,
};
use reauth_isahc::{IsahcTransport, isahc};

struct OverIsahc;

impl Adapter for OverIsahc {
    type Transport = IsahcTransport;
    type ClientError = isahc::Error;

    fn transport(&self) -> IsahcTransport {
        IsahcTransport::new(|client| client.proxy(None)).unwrap()
    }

    fn transport_with_timeout(&self, timeout: Duration) -> Option<IsahcTransport> {
        let transport = IsahcTransport::new(|client| client.proxy(None).timeout(timeout));
        Some(transport.unwrap())
    }

    fn run<F: Future<Output: Send> + Send>(&self, future: F) -> F::Output {
        block_on(future)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new()
            .added_headers(["accept", "accept-encoding", "user-agent"])
            .content_type(ContentType::OctetStream)
            .upload_trailers(UploadTrailers::Dropped)
            .broken_reuse(BrokenReuse::ResendsBodiless)
            .expect_continue(ExpectContinue::Awaited)
            .binary_headers(BinaryHeaders::Invalid)
            .heads(Heads::WithBody)
            .broken_heads(BrokenHeads::Taken)
            .abandoned(Abandoned::ClosesAtNextByte)
            .unprocessed(Unprocessed::ResentWithoutBody)
            .token_call_version(TokenCallVersion::Http11)
    }
}

reauth_conformance::suite!(isahc_conforms, OverIsahc);

impl Http2Adapter for OverIsahc {
    fn http2_transport(&self) -> IsahcTransport {
        let http2 = VersionNegotiation::http2();
        IsahcTransport::new(|client| client.proxy(None).version_negotiation(http2.clone())).unwrap()
    }
}

reauth_conformance::http2_suite!(isahc_conforms_over_http2, OverIsahc);
