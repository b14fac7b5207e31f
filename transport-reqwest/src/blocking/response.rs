//! Turns an async response into the one that reqwest's blocking client would return.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::ResponseBuilderExt;

use super::runtime_thread::RuntimeThread;

pub(super) fn blocking(
    response: reqwest::Response,
    thread: Arc<RuntimeThread>,
) -> reqwest::blocking::Response {
    let mut url = http::Response::builder().url(response.url().clone());
    let (mut head, body) = http::Response::<reqwest::Body>::from(response).into_parts();
    // The conversion drops the URL, and the next one reads it from here.
    if let Some(url) = url.extensions_mut() {
        head.extensions.extend(std::mem::take(url));
    }
    let body = reqwest::Body::wrap(Driven { body, thread });
    http::Response::from_parts(head, body).into()
}

/// A body that is polled outside the runtime that its timeouts need.
struct Driven {
    body: reqwest::Body,
    // Dropped after the body, because it drives the body's connection.
    thread: Arc<RuntimeThread>,
}

impl Body for Driven {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        let Self { body, thread } = &mut *self;
        let _entered = thread.enter();
        Pin::new(body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
