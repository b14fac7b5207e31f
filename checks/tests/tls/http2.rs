//! The conformance cases for HTTP/2 over TLS, where ALPN negotiates the version.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use crate::front::Front;
use reauth_conformance::{
    Abandoned, Adapter, BinaryHeaders, BrokenHeads, BrokenReuse, Capabilities, ContentType,
    ExpectContinue, Heads, Http2Adapter, TokenCallVersion, Unprocessed, UploadTrailers,
};
use reauth_isahc::isahc;
use reauth_reqwest::reqwest;

use crate::clients::{Client, Isahc, RUNTIME, Reqwest};

static FRONT: LazyLock<Front> = LazyLock::new(|| Front::new().unwrap());

/// The adapter for a client that sends its requests over TLS.
struct OverTls<C>(C);

/// The capabilities of a client, the same as without TLS.
trait Capable: Client + Sync {
    type Error: std::error::Error + 'static;

    fn capabilities() -> Capabilities;
}

impl Capable for Reqwest {
    type Error = reqwest::Error;

    fn capabilities() -> Capabilities {
        Capabilities::new().added_headers(["accept"])
    }
}

impl Capable for Isahc {
    type Error = isahc::Error;

    fn capabilities() -> Capabilities {
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

impl<C: Capable> Adapter for OverTls<C> {
    type Transport = C::Transport;
    type ClientError = C::Error;

    fn transport(&self) -> C::Transport {
        self.0.trusting(&[FRONT.certificate()])
    }

    fn transport_with_timeout(&self, _: Duration) -> Option<C::Transport> {
        None
    }

    fn run<F: Future<Output: Send> + Send>(&self, future: F) -> F::Output {
        self.0.run(future)
    }

    fn capabilities(&self) -> Capabilities {
        C::capabilities()
    }
}

impl<C: Capable> Http2Adapter for OverTls<C> {
    fn http2_transport(&self) -> C::Transport {
        self.transport()
    }

    fn http2_origin(&self, server: SocketAddr) -> String {
        let front = FRONT.before(server, RUNTIME.handle()).unwrap();
        format!("https://{front}")
    }
}

reauth_conformance::http2_suite!(reqwest_conforms_over_tls, OverTls(Reqwest));
reauth_conformance::http2_suite!(isahc_conforms_over_tls, OverTls(Isahc));
