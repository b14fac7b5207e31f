//! How a request gets on the wire, and what comes back.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use http::uri::Scheme;
use http::{Extensions, HeaderMap, Request, StatusCode, Version};

use crate::{Body, Connection, Runtime};

/// An HTTP client, as a session needs it.
///
/// It sends a request once. It must not follow redirects, retry, or add credentials: the session
/// decides those. What HTTP/2 proves unprocessed was not sent ([RFC 9113 §8.7]): a client may send
/// that again by itself. A response stays the client's own, so that its users find what they know.
///
/// [RFC 9113 §8.7]: https://www.rfc-editor.org/rfc/rfc9113#section-8.7
pub trait Transport: Send + Sync {
    /// The client's own response.
    type Response: Send + 'static;

    /// The client's own error.
    type Error: Error + Send + Sync + 'static;

    /// Sends the request, once, and waits for the head of the response.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the request; whether the server sees it is unknown.
    fn send(
        &self,
        request: Request<Body>,
    ) -> impl Future<Output = Result<Self::Response, Self::Error>> + Send;

    /// Sends a request to a token server, as [`send`](Self::send) does, over a connection of this
    /// kind.
    ///
    /// On [`Connection::Own`] a lost answer can end the session. So nothing but the session's
    /// deadline may cut that call off, no timeout of the application's requests, and the client
    /// must not resend it by itself. A connection that is reused may have died while it was idle,
    /// or may belong to a runtime that nobody drives.
    ///
    /// By default it calls [`send`](Self::send), which is right only where that reuses no
    /// connection.
    fn send_token_call(
        &self,
        request: Request<Body>,
        connection: Connection,
    ) -> impl Future<Output = Result<Self::Response, Self::Error>> + Send {
        _ = connection;
        self.send(request)
    }

    /// Whether the client, as it was built, can send a request with this scheme: `https` needs
    /// TLS. By default it can. A session asks when it is built.
    ///
    /// # Errors
    ///
    /// What to do about it, such as the feature to add.
    fn supports(&self, scheme: &Scheme) -> Result<(), &'static str> {
        _ = scheme;
        Ok(())
    }

    /// The status of a response.
    fn status(response: &Self::Response) -> StatusCode;

    /// The headers of a response.
    fn headers(response: &Self::Response) -> &HeaderMap;

    /// The version of HTTP by which a response came, for spans; none where the client does not
    /// tell.
    fn version(response: &Self::Response) -> Option<Version> {
        _ = response;
        None
    }

    /// The extensions of a response, where a [`Reason`](crate::Reason) is put.
    fn extensions_mut(response: &mut Self::Response) -> &mut Extensions;

    /// The next piece of the body; `None` at its end.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may lose a piece, and no more than that: the body is then dropped.
    fn chunk(
        response: &mut Self::Response,
    ) -> impl Future<Output = Result<Option<Bytes>, Self::Error>> + Send;

    /// What an error says about the request.
    fn failure(error: &Self::Error) -> Failure;

    /// The clock and the tasks of the world in which this client runs.
    fn runtime(&self) -> Arc<dyn Runtime>;
}

/// What an error of a transport says about the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Failure {
    /// The request is none, so nothing was sent.
    Invalid,
    /// There was no connection, so nothing was sent.
    Connect,
    /// The server has said that it did not process the request: over HTTP/2 a stream that was
    /// refused, or that lies beyond the last one of a GOAWAY ([RFC 9113 §8.7]).
    ///
    /// [RFC 9113 §8.7]: https://www.rfc-editor.org/rfc/rfc9113#section-8.7
    NotProcessed,
    /// Time ran out; the request may have been processed.
    Timeout,
    /// Something else; the request may have been processed.
    Other,
}
