//! Sending what a `RequestBuilder` built.

use std::future::Future;

use reauth::Error;
use reqwest::{RequestBuilder, Response};

use crate::Session;
use crate::convert::from_reqwest;
use crate::error::cleaned;

/// Sends a request of reqwest through a session.
pub trait SendWith {
    /// Builds the request, and sends it as [`Session::execute`](reauth::Session::execute) does.
    ///
    /// It goes over the session's client, whichever client made the builder; a timeout of its
    /// own holds for each attempt. A body that is a stream can be sent once.
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
    async fn send_with(self, session: &Session) -> Result<Response, Error> {
        let invalid = |error| Error::invalid_request(cleaned(error));
        let request = self.build().map_err(invalid)?;
        let request = from_reqwest(request).map_err(invalid)?;
        session.execute(request).await
    }
}
