//! The request of the contenders, built again each time, with the types of each client.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Request, request};
use reqwest_middleware::{ClientWithMiddleware, RequestBuilder};
use serde::Serialize;

/// A shape of request.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub(crate) struct Case {
    /// Besides the one that carries the token.
    pub(crate) headers: usize,
    /// The size of the body, in bytes.
    pub(crate) body: usize,
}

impl Case {
    /// All shapes that figures 1 and 2 measure.
    pub(crate) const ALL: [Self; 4] = [
        Self::new(5, 0),
        Self::new(5, 1024),
        Self::new(15, 0),
        Self::new(15, 1024),
    ];

    pub(crate) const fn new(headers: usize, body: usize) -> Self {
        Self { headers, body }
    }

    pub(crate) fn title(self) -> String {
        match self.body {
            0 => format!("{} headers", self.headers),
            bytes => format!("{} headers, {} KiB", self.headers, bytes / 1024),
        }
    }
}

/// The methods that reqwest and the crates around it share, each with its own types.
macro_rules! native {
    ($ask:expr, $client:expr) => {{
        let request = $client.request($ask.method.clone(), &$ask.url);
        let headers = $ask.headers.iter();
        let request = headers.fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        match $ask.body.is_empty() {
            true => request,
            false => request.body($ask.body.clone()),
        }
    }};
}

/// One request. Its URL is text that each client parses, and its prepared header values are added
/// one by one, as an application does, and the same way for a contender and its baseline.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

impl Ask {
    pub(crate) fn new(url: String, case: Case) -> Self {
        let method = match case.body {
            0 => Method::GET,
            _ => Method::POST,
        };
        Self {
            method,
            url,
            headers: headers().into_iter().take(case.headers).collect(),
            body: Bytes::from(vec![b'b'; case.body]),
        }
    }

    /// For clients that take requests of `http`, without the body.
    pub(crate) fn head(&self) -> request::Builder {
        let head = Request::builder().method(&self.method).uri(&self.url);
        self.headers
            .iter()
            .fold(head, |head, (name, value)| head.header(name, value))
    }

    /// For sessions over clients that take requests of `http`.
    pub(crate) fn http(&self) -> http::Result<Request<Bytes>> {
        self.head().body(self.body.clone())
    }

    /// For reqwest, in its own way.
    pub(crate) fn native(&self, client: &reqwest::Client) -> reqwest::RequestBuilder {
        native!(self, client)
    }

    /// For blocking reqwest, in its own way.
    pub(crate) fn blocking(
        &self,
        client: &reqwest::blocking::Client,
    ) -> reqwest::blocking::RequestBuilder {
        native!(self, client)
    }

    /// For a chain of reqwest-middleware.
    pub(crate) fn chained(&self, client: &ClientWithMiddleware) -> RequestBuilder {
        native!(self, client)
    }
}

fn headers() -> [(HeaderName, HeaderValue); 15] {
    let of = |name, value| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    };
    [
        (ACCEPT, HeaderValue::from_static("application/json")),
        (USER_AGENT, HeaderValue::from_static("books/1.4.2")),
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (ACCEPT_LANGUAGE, HeaderValue::from_static("en;q=0.9")),
        of("x-request-id", "3fa85f64-5717-4562-b3fc-2c963f66afa6"),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        of(
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ),
        of("tracestate", "books=00f067aa0ba902b7"),
        of("idempotency-key", "0b5c2d80-9f0b-4a8e-8f0c-6a4f1d1f2c11"),
        of(
            "if-none-match",
            "\"33a64df551425fcc55e4d42a148795d9f25f89d4\"",
        ),
        of("x-api-version", "2025-11-01"),
        of("x-client-version", "1.4.2"),
        of("x-device-id", "7d444840-9dc0-11d1-b245-5ffdce74fad2"),
        of("x-tenant", "library"),
        of("x-time-zone", "Europe/Vienna"),
    ]
}
