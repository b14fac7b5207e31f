//! Sessions for synchronous programs.
//!
//! ```no_run
//! use reauth_isahc::isahc::ReadResponseExt;
//! use reauth_isahc::reauth::http::Request;
//! use reauth_isahc::reauth::{JsonGrant, Token};
//! use reauth_isahc::{IsahcTransport, Session, blocking};
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let session = Session::builder(IsahcTransport::new(|client| client)?)
//!     .origin("https://api.example.com")
//!     .grant(JsonGrant::new("https://api.example.com/auth/refresh")?)
//!     .token(Token::new("an access token")?.with_refresh_token("a refresh token"))
//!     .build()?;
//! let session = blocking::Session::new(session);
//!
//! let books = Request::get("https://api.example.com/api/books").body(())?;
//! println!("{}", session.execute(books)?.text()?);
//! # Ok(())
//! # }
//! ```

use futures_lite::future::block_on;
use futures_lite::io::BlockOn;
use http::{Request, Response};
use reauth::{Body, Error, Token};

/// A [`Session`](crate::Session) whose calls block the thread until they are done.
///
/// Clones are cheap and share one token, also with the async session this one was made from; both
/// can be used at once. A call parks its thread and runs no executor. Inside a runtime it works,
/// but blocks the thread that runs it.
#[derive(Clone, Debug)]
pub struct Session(crate::Session);

impl Session {
    /// Makes a blocking session that shares the token of this async one.
    #[must_use]
    pub fn new(session: crate::Session) -> Self {
        Self(session)
    }

    /// Sends a request as [`Session::execute`](reauth::Session::execute) does.
    ///
    /// The response is the one that isahc's own blocking calls return.
    ///
    /// # Errors
    ///
    /// Those of [`Session::execute`](reauth::Session::execute).
    pub fn execute<B: Into<Body>>(
        &self,
        request: Request<B>,
    ) -> Result<Response<isahc::Body>, Error> {
        let response = block_on(self.0.execute(request))?;
        Ok(response.map(read_blocking))
    }

    /// Signs in, as [`Session::replace`](reauth::Session::replace) does.
    ///
    /// # Errors
    ///
    /// Those of [`Session::replace`](reauth::Session::replace).
    pub fn replace(&self, token: Token) -> Result<(), Error> {
        block_on(self.0.replace(token))
    }

    /// Signs out, as [`Session::sign_out`](reauth::Session::sign_out) does.
    ///
    /// # Errors
    ///
    /// Those of [`Session::sign_out`](reauth::Session::sign_out).
    pub fn sign_out(&self) -> Result<(), Error> {
        block_on(self.0.sign_out())
    }

    /// Waits for a refresh in flight and a pending save, as
    /// [`Session::close`](reauth::Session::close) does.
    ///
    /// # Errors
    ///
    /// Those of [`Session::close`](reauth::Session::close).
    pub fn close(&self) -> Result<(), Error> {
        block_on(self.0.close())
    }
}

impl From<crate::Session> for Session {
    fn from(session: crate::Session) -> Self {
        Self::new(session)
    }
}

fn read_blocking(body: isahc::AsyncBody) -> isahc::Body {
    match body.len() {
        _ if body.is_empty() => isahc::Body::empty(),
        Some(length) => isahc::Body::from_reader_sized(BlockOn::new(body), length),
        None => isahc::Body::from_reader(BlockOn::new(body)),
    }
}
