//! [`reauth`] over [`reqwest`]: `session.execute(req)`, and tokens that take care of themselves.
//!
//! [`ReqwestTransport`] is the client, [`Session`] a session over it, [`SendWith`] sends what a
//! [`reqwest::RequestBuilder`] built. [`reauth`] is re-exported, so this crate is the only one to
//! depend on.
//!
//! ```no_run
//! use reauth_reqwest::reauth::{JsonGrant, Token};
//! use reauth_reqwest::{ReqwestTransport, SendWith, Session, reqwest};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let session = Session::builder(ReqwestTransport::new(|client| client)?)
//!     .origin("https://api.example.com")
//!     .grant(JsonGrant::new("https://api.example.com/auth/refresh")?)
//!     .token(Token::new("an access token")?.with_refresh_token("a refresh token"))
//!     .build()?;
//!
//! let client = reqwest::Client::new();
//! let new_book = client.post("https://api.example.com/api/books").body("…");
//! let response = new_book.send_with(&session).await?;
//! println!("{}", response.status());
//! # Ok(())
//! # }
//! ```
//!
//! # HTTP/2
//!
//! reqwest sends a request again that HTTP/2 proves unprocessed (a refused stream, or one beyond
//! the last of a GOAWAY), twice at most, where its body can be copied. Otherwise the error is of
//! the class [`Failure::NotProcessed`](reauth::Failure::NotProcessed).
//!
//! Set a `timeout` where a server ends connections with a GOAWAY, as nginx does by default after
//! 1,000 requests: with hyper 1.12, on a runtime with several threads, about one request in 1,000
//! GOAWAYs is never sent and never ends. On a busy machine hyper's client was also seen, twice in
//! some 5,000 GOAWAYs, to send the last request before one a second time although the server had
//! processed it. A token call has a connection of its own, and the deadline of the session.
//!
//! # Features
//!
//! `json` (default): [`JsonGrant`](reauth::JsonGrant) and reqwest's `.json()`. `oauth2`: the grants
//! of OAuth 2.0, `reauth::OAuth2Grant`. TLS is a choice of
//! the caller: `rustls`, `rustls-no-provider` or `native-tls` forward to reqwest, as `http2` does.
//! Without one of them only `http` works, and a session for `https` is an error when it is built.
//! `blocking`: a session for programs without an executor,
//! in the module of that name. `middleware`: `SessionMiddleware`, for chains of
//! reqwest-middleware. `tower`: that of `reauth`.

mod base;
#[cfg(feature = "blocking")]
pub mod blocking;
mod convert;
mod error;
#[cfg(feature = "middleware")]
mod middleware;
mod native;
mod send_with;
mod tls;
mod transport;

pub use reauth;
pub use reqwest;

pub use error::SendError;
#[cfg(feature = "middleware")]
pub use middleware::SessionMiddleware;
pub use reauth::TokioRuntime;
pub use send_with::SendWith;
pub use transport::ReqwestTransport;

/// A session over reqwest.
pub type Session = reauth::Session<ReqwestTransport>;
