//! Sends what a `RequestBuilder` built.

use std::future::{Future, ready};

use futures_util::future::{Either, FutureExt};
use reauth::Error;
use reqwest::{RequestBuilder, Response};

use crate::Session;
use crate::error::cleaned;
use crate::native::Native;

/// Sends a reqwest request through a session.
pub trait SendWith {
    /// Builds the request, and sends it as [`Session::execute`](reauth::Session::execute) does.
    ///
    /// The session's client sends it, whichever client made the builder. A timeout set on the
    /// builder applies to each attempt. A stream body can be sent once. reqwest hides the
    /// extensions of an `http::Request` that the builder was made from, so send a request with
    /// [`WithoutCredentials`](reauth::WithoutCredentials) through
    /// [`Session::execute`](reauth::Session::execute) instead.
    ///
    /// # Errors
    ///
    /// Those of [`Session::execute`](reauth::Session::execute), and
    /// [`ErrorKind::InvalidRequest`](reauth::ErrorKind::InvalidRequest) if the builder failed.
    ///
    /// # Cancel safety
    ///
    /// The same as [`Session::execute`](reauth::Session::execute).
    fn send_with(self, session: &Session) -> impl Future<Output = Result<Response, Error>> + Send;
}

impl SendWith for RequestBuilder {
    fn send_with(self, session: &Session) -> impl Future<Output = Result<Response, Error>> + Send {
        match self.build() {
            Ok(request) => {
                let (head, body) = Native::new(request);
                Either::Left(session.execute_native(head, body))
            }
            Err(error) => {
                let invalid = Error::invalid_request(cleaned(error));
                Either::Right(ready(invalid).map(Err))
            }
        }
    }
}
