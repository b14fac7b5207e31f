//! Sending what a `RequestBuilder` built.

use std::future::{Future, ready};

use futures_util::future::{Either, FutureExt};
use reauth::Error;
use reqwest::{RequestBuilder, Response};

use crate::Session;
use crate::error::cleaned;
use crate::native::Native;

/// Sends a request of reqwest through a session.
pub trait SendWith {
    /// Builds the request, and sends it as [`Session::execute`](reauth::Session::execute) does.
    ///
    /// It goes over the session's client, whichever client made the builder; a timeout of its
    /// own holds for each attempt. A body that is a stream can be sent once. Extensions of an
    /// `http::Request` that the builder was made of, such as
    /// [`WithoutCredentials`](reauth::WithoutCredentials), are reqwest's alone to see: send that
    /// request with [`Session::execute`](reauth::Session::execute).
    ///
    /// # Errors
    ///
    /// Those of [`Session::execute`](reauth::Session::execute), and
    /// [`ErrorKind::InvalidRequest`](reauth::ErrorKind::InvalidRequest) where the builder has one.
    ///
    /// # Cancel safety
    ///
    /// That of [`Session::execute`](reauth::Session::execute).
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
