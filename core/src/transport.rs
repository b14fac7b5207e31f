//! The interface to an HTTP client.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use http::uri::Scheme;
use http::{Extensions, HeaderMap, Request, StatusCode, Version};

use crate::{Body, Connection, Runtime};

/// An HTTP client.
///
/// It sends each request once. It must not follow redirects, retry, or add credentials: the session
/// does. The only exception is a request that HTTP/2 reports as not processed ([RFC 9113 §8.7]):
/// a client may resend it. Responses keep the client's own type.
///
/// [RFC 9113 §8.7]: https://www.rfc-editor.org/rfc/rfc9113#section-8.7
pub trait Transport: Send + Sync {
    /// The client's response type.
    type Response: Send + 'static;

    /// The client's error type.
    type Error: Error + Send + Sync + 'static;

    /// Sends the request once, and completes with the head of the response.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the request, which the server may or may not have processed.
    fn send(
        &self,
        request: Request<Body>,
    ) -> impl Future<Output = Result<Self::Response, Self::Error>> + Send;

    /// Sends a request to a token server, like [`send`](Self::send), over this kind of connection.
    ///
    /// With [`Connection::Own`] a lost response can end the session. Use a new connection: a reused
    /// one may have died while idle, or belong to a runtime that is not driven. Do not apply the
    /// client's timeouts, since the session has a deadline, and do not resend the request.
    ///
    /// The default calls [`send`](Self::send), which is correct only if that never reuses a
    /// connection.
    fn send_token_call(
        &self,
        request: Request<Body>,
        connection: Connection,
    ) -> impl Future<Output = Result<Self::Response, Self::Error>> + Send {
        _ = connection;
        self.send(request)
    }

    /// Checks that the client supports this scheme: `https` needs TLS. Called when a session is
    /// built. The default is `Ok`.
    ///
    /// # Errors
    ///
    /// What to do, such as the feature to add.
    fn supports(&self, scheme: &Scheme) -> Result<(), &'static str> {
        _ = scheme;
        Ok(())
    }

    /// The status of a response.
    fn status(response: &Self::Response) -> StatusCode;

    /// The headers of a response.
    fn headers(response: &Self::Response) -> &HeaderMap;

    /// The HTTP version of a response, for spans; `None` if the client does not tell.
    fn version(response: &Self::Response) -> Option<Version> {
        _ = response;
        None
    }

    /// The extensions of a response, in which the session puts a [`Reason`](crate::Reason).
    fn extensions_mut(response: &mut Self::Response) -> &mut Extensions;

    /// The next piece of the body; `None` at its end.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may lose a piece. The session then drops the body.
    fn chunk(
        response: &mut Self::Response,
    ) -> impl Future<Output = Result<Option<Bytes>, Self::Error>> + Send;

    /// Classifies an error.
    fn failure(error: &Self::Error) -> Failure;

    /// The clock and the spawner to use with this client.
    fn runtime(&self) -> Arc<dyn Runtime>;
}

/// The class of a transport error: what became of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Failure {
    /// The request is invalid. Nothing was sent.
    Invalid,
    /// There was no connection. Nothing was sent.
    Connect,
    /// The server said that it did not process the request: an HTTP/2 stream that was refused, or
    /// beyond the last one of a GOAWAY ([RFC 9113 §8.7]).
    ///
    /// [RFC 9113 §8.7]: https://www.rfc-editor.org/rfc/rfc9113#section-8.7
    NotProcessed,
    /// A time limit was reached. The request may have been processed.
    Timeout,
    /// Another error. The request may have been processed.
    Other,
}
