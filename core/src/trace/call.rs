//! The CLIENT span of one request on the wire, from before it is sent to the head of the response.

use std::cell::LazyCell;
use std::future::Future;

use http::uri::Scheme;
use http::{Method, Uri, Version};
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use super::open::Open;
use super::{method, url};
use crate::{Failure, Transport};

/// The span of a request.
pub(crate) struct Call(Open);

impl Call {
    /// A span for a request that was sent `resends` times before, as a child of the current span.
    /// `uri` is called only if the span is enabled.
    pub(crate) fn of(method: &Method, uri: impl FnOnce() -> Uri, resends: u32) -> Self {
        Self(Open::new(span(method, &LazyCell::new(uri), resends)))
    }

    /// Calls `send` inside the span: a transport may do work before it returns the future.
    pub(crate) fn begin<F>(&self, send: impl FnOnce() -> F) -> F {
        self.0.span.in_scope(send)
    }

    /// Runs the future inside the span, and records its outcome.
    pub(crate) async fn around<T: Transport>(
        self,
        sent: impl Future<Output = Result<T::Response, T::Error>>,
    ) -> Result<T::Response, T::Error> {
        let Self(open) = self;
        let sent = sent.instrument(open.span.clone()).await;
        match &sent {
            Ok(response) => {
                let status = T::status(response);
                let code = i64::from(status.as_u16());
                open.span.record("http.response.status_code", code);
                if let Some(version) = T::version(response).and_then(version) {
                    open.span.record("network.protocol.version", version);
                }
                let failed = status.is_client_error() || status.is_server_error();
                open.end(failed.then_some(status.as_str()));
            }
            Err(error) => open.end(Some(error_type(T::failure(error)))),
        }
        sent
    }
}

/// Integers are signed: bridges to OpenTelemetry support only these.
fn span<F: FnOnce() -> Uri>(method: &Method, uri: &LazyCell<Uri, F>, resends: u32) -> Span {
    info_span!(
        target: "reauth",
        "HTTP",
        otel.name = method::known(method).unwrap_or("HTTP"),
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = method::known(method).unwrap_or("_OTHER"),
        http.request.method_original = method::original(method),
        http.request.resend_count = (resends > 0).then_some(i64::from(resends)),
        http.response.status_code = Empty,
        network.protocol.version = Empty,
        server.address = address(uri),
        server.port = port(uri),
        url.full = url::redacted(uri).as_str(),
        error.type = Empty,
    )
}

fn address(uri: &Uri) -> Option<&str> {
    let host = uri.host()?;
    let v6 = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    Some(v6.unwrap_or(host))
}

fn port(uri: &Uri) -> Option<i64> {
    let by_default = || match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => Some(443),
        Some(scheme) if *scheme == Scheme::HTTP => Some(80),
        Some(_) | None => None,
    };
    uri.port_u16().or_else(by_default).map(i64::from)
}

fn version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_09 => Some("0.9"),
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        Version::HTTP_3 => Some("3"),
        _ => None,
    }
}

/// The class, not the text of the error, which often has the URL in it.
const fn error_type(failure: Failure) -> &'static str {
    match failure {
        Failure::Invalid => "invalid_request",
        Failure::NotProcessed => "not_processed",
        Failure::Connect => "connect",
        Failure::Timeout => "timeout",
        Failure::Other => "_OTHER",
    }
}
