//! A session for programs without an executor.
//!
//! [`Session`] is the async session, blocked on: what it promises, this one does. A thread of its
//! own runs the requests, and the refreshes that nobody waits for. Threads share it as tasks share
//! the other, so that many requests refused at once make one refresh. A store or a refresher runs
//! on that thread too, and must not block it.
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
//! A blocking call would stop the runtime whose task makes it, so it is refused with
//! [`ErrorKind::InsideRuntime`](reauth::ErrorKind::InsideRuntime). Where tokio lets a thread
//! block, as in its `spawn_blocking` and `block_in_place`, it works. A program that has a runtime
//! has no need of it: the async [`Session`](crate::Session) can be blocked on, too.
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
