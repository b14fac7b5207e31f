//! A session for programs without an executor.
//!
//! [`Session`] wraps the async session, keeps the same promises, and blocks until a call is done.
//! Requests and background refreshes run on a thread of the session. Threads share the session
//! as tasks share the async one: many requests refused at once cause one refresh. A store or
//! refresher runs on that thread too, and must not block it.
//!
//! ```no_run
//! use reauth_reqwest::reauth::{JsonGrant, Token};
//! use reauth_reqwest::{ReqwestTransport, blocking, reqwest};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let timeout = std::time::Duration::from_secs(30);
//! let client = ReqwestTransport::new(|client| client.timeout(timeout))?;
//! let options = blocking::Session::builder(client)
//!     .origin("https://api.example.com")
//!     .grant(JsonGrant::new("https://api.example.com/auth/refresh")?)
//!     .token(Token::new("an access token")?.with_refresh_token("a refresh token"));
//! let session = blocking::Session::build(options)?;
//!
//! let books = reqwest::Client::new().get("https://api.example.com/api/books");
//! let response = session.send(books)?;
//! println!("{}", response.text()?);
//! session.close()?;
//! # Ok(())
//! # }
//! ```
//!
//! # Inside a tokio runtime
//!
//! A blocking call inside an async task would block the runtime, so it fails with
//! [`ErrorKind::InsideRuntime`](reauth::ErrorKind::InsideRuntime). It works if tokio allows the
//! thread to block, as in `spawn_blocking` and `block_in_place`. A program that has a runtime can
//! block on the async [`Session`](crate::Session) instead:
//!
//! ```no_run
//! use reauth_reqwest::reauth::Error;
//! use reauth_reqwest::{Session, reqwest};
//! use tokio::runtime::Handle;
//!
//! fn books(session: &Session, request: http::Request<()>) -> Result<reqwest::Response, Error> {
//!     // On a thread of `spawn_blocking`.
//!     Handle::current().block_on(session.execute(request))
//! }
//! ```

mod build_error;
mod response;
mod runtime_thread;
mod session;

pub use build_error::BuildError;
pub use session::Session;
