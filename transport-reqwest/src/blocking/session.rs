//! The async session, blocked on.

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

/// An HTTP session whose token takes care of itself, for programs without an executor.
///
/// Clones are cheap and share one token, one refresh, one client, one thread. Dropping the last
/// of them, and of its responses, ends that thread and waits for it: a refresh that departed is
/// lost then, unless [`close`](Self::close) came before.
#[derive(Clone)]
pub struct Session {
    session: crate::Session,
    // After the session, whose connections it drives.
    thread: Arc<RuntimeThread>,
}

impl Session {
    /// The options of a session over this transport, for [`build`](Self::build) or
    /// [`open`](Self::open).
    ///
    /// The client has no timeout but those of its builder: a server that never answers is waited
    /// for without an end.
    pub fn builder(transport: ReqwestTransport) -> SessionBuilder<ReqwestTransport> {
        crate::Session::builder(transport)
    }

    /// A session with the token in hand, as [`SessionBuilder::build`] makes it.
    ///
    /// # Errors
    ///
    /// [`BuildError::Session`] where an option is missing or is none, [`BuildError::Thread`].
    pub fn build(options: SessionBuilder<ReqwestTransport>) -> Result<Self, BuildError> {
        let session = options.build().map_err(BuildError::Session)?;
        let thread = RuntimeThread::start().map_err(BuildError::Thread)?;
        Ok(Self {
            session,
            thread: Arc::new(thread),
        })
    }

    /// A session with the token that the store has, as [`SessionBuilder::open`] makes it.
    ///
    /// # Errors
    ///
    /// As in [`build`](Self::build), where the store cannot be read, and
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
    /// waits for the head of the answer.
    ///
    /// Its body is read as it comes, and keeps the session's thread alive meanwhile. It is
    /// reqwest's own, which may panic where it is read inside a runtime.
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
    /// The builder is that of the async client, which needs no executor to build. A timeout of
    /// its own holds for each attempt.
    ///
    /// # Errors
    ///
    /// Those of [`execute`](Self::execute), and
    /// [`ErrorKind::InvalidRequest`](reauth::ErrorKind::InvalidRequest) where the builder has one.
    pub fn send(&self, request: RequestBuilder) -> Result<Response, Error> {
        let answer = self.wait(|session| async move { request.send_with(&session).await })?;
        Ok(blocking(answer, Arc::clone(&self.thread)))
    }

    /// Signs in, as [`replace`](reauth::Session::replace) of the async session does.
    ///
    /// # Errors
    ///
    /// Those of the async session, and
    /// [`ErrorKind::InsideRuntime`](reauth::ErrorKind::InsideRuntime): the token is not in force
    /// then.
    pub fn replace(&self, token: Token) -> Result<(), Error> {
        self.wait(|session| async move { session.replace(token).await })
    }

    /// Signs out, as [`sign_out`](reauth::Session::sign_out) of the async session does.
    ///
    /// # Errors
    ///
    /// Those of the async session, and
    /// [`ErrorKind::InsideRuntime`](reauth::ErrorKind::InsideRuntime): the session is not signed
    /// out then.
    pub fn sign_out(&self) -> Result<(), Error> {
        self.wait(|session| async move { session.sign_out().await })
    }

    /// Sees a refresh that departed, and a save that is due, through to the end, as
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
