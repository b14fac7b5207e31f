//! The async session, wrapped for blocking calls.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use reauth::{Body, Error, SessionBuilder, Token};
use reqwest::RequestBuilder;
use reqwest::blocking::Response;

use super::BuildError;
use super::response::blocking;
use super::runtime_thread::{RuntimeThread, is_in_a_task};
use crate::{ReqwestTransport, SendWith};

/// An HTTP session that refreshes its own token, for programs without an executor.
///
/// Clones are cheap and share one token, refresh, client and thread. Dropping the last clone, and
/// the last of its responses, ends that thread and waits for it. A refresh in flight is lost then,
/// unless [`close`](Self::close) was called before.
#[derive(Clone)]
pub struct Session {
    session: crate::Session,
    // Dropped after the session, because it drives the session's connections.
    thread: Arc<RuntimeThread>,
}

impl Session {
    /// Starts the options of a session over this transport, for [`build`](Self::build) or
    /// [`open`](Self::open).
    ///
    /// No timeout applies except those of the client's builder: without one, a call waits for as
    /// long as the server takes.
    pub fn builder(transport: ReqwestTransport) -> SessionBuilder<ReqwestTransport> {
        crate::Session::builder(transport)
    }

    /// Builds a session with a token in hand, as [`SessionBuilder::build`] does.
    ///
    /// # Errors
    ///
    /// [`BuildError::Session`] if an option is missing or invalid, and [`BuildError::Thread`].
    pub fn build(options: SessionBuilder<ReqwestTransport>) -> Result<Self, BuildError> {
        let session = options.build().map_err(BuildError::Session)?;
        let thread = RuntimeThread::start().map_err(BuildError::Thread)?;
        Ok(Self {
            session,
            thread: Arc::new(thread),
        })
    }

    /// Builds a session with the token from its store, as [`SessionBuilder::open`] does.
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build), [`BuildError::Session`] if the store cannot be read, and
    /// [`BuildError::InsideRuntime`].
    pub fn open(options: SessionBuilder<ReqwestTransport>) -> Result<Self, BuildError> {
        if is_in_a_task() {
            return Err(BuildError::InsideRuntime);
        }
        let thread = RuntimeThread::start().map_err(BuildError::Thread)?;
        let session = thread.wait(options.open()).map_err(BuildError::Session)?;
        Ok(Self {
            session,
            thread: Arc::new(thread),
        })
    }

    /// Sends a request as [`execute`](reauth::Session::execute) of the async session does, and
    /// waits for the head of the response.
    ///
    /// The body is read as it arrives, and keeps the session's thread alive until then. The
    /// response is reqwest's own, which may panic if it is read inside a runtime.
    ///
    /// # Errors
    ///
    /// Those of the async session, and
    /// [`ErrorKind::InsideRuntime`](reauth::ErrorKind::InsideRuntime).
    pub fn execute<B: Into<Body>>(&self, request: http::Request<B>) -> Result<Response, Error> {
        let request = request.map(Into::into);
        let answer = self.wait(|session| async move { session.execute::<Body>(request).await })?;
        Ok(blocking(answer, Arc::clone(&self.thread)))
    }

    /// Sends what a [`RequestBuilder`] built, as [`SendWith::send_with`] does.
    ///
    /// The builder is that of the async client; building a request needs no executor. A timeout
    /// set on it applies to each attempt.
    ///
    /// # Errors
    ///
    /// Those of [`execute`](Self::execute), and
    /// [`ErrorKind::InvalidRequest`](reauth::ErrorKind::InvalidRequest) if the builder failed.
    pub fn send(&self, request: RequestBuilder) -> Result<Response, Error> {
        let answer = self.wait(|session| async move { request.send_with(&session).await })?;
        Ok(blocking(answer, Arc::clone(&self.thread)))
    }

    /// Signs in, as [`replace`](reauth::Session::replace) of the async session does.
    ///
    /// # Errors
    ///
    /// Those of the async session, and
    /// [`ErrorKind::InsideRuntime`](reauth::ErrorKind::InsideRuntime); the token was not replaced
    /// then.
    pub fn replace(&self, token: Token) -> Result<(), Error> {
        self.wait(|session| async move { session.replace(token).await })
    }

    /// Signs out, as [`sign_out`](reauth::Session::sign_out) of the async session does.
    ///
    /// # Errors
    ///
    /// Those of the async session, and
    /// [`ErrorKind::InsideRuntime`](reauth::ErrorKind::InsideRuntime); the session was not signed
    /// out then.
    pub fn sign_out(&self) -> Result<(), Error> {
        self.wait(|session| async move { session.sign_out().await })
    }

    /// Waits for a refresh in flight and a pending save, as
    /// [`close`](reauth::Session::close) of the async session does.
    ///
    /// # Errors
    ///
    /// Those of the async session, and
    /// [`ErrorKind::InsideRuntime`](reauth::ErrorKind::InsideRuntime).
    pub fn close(&self) -> Result<(), Error> {
        self.wait(|session| async move { session.close().await })
    }

    fn wait<T, F>(&self, call: impl FnOnce(crate::Session) -> F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        if is_in_a_task() {
            return Err(Error::inside_runtime());
        }
        self.thread.wait(call(self.session.clone()))
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.session.fmt(f)
    }
}
