//! [`reauth`] sessions over [`reqwest`]: `session.execute(request)`, with tokens that refresh
//! themselves.
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
//! [`ReqwestTransport`] is the client, [`Session`] a session over it, and [`SendWith`] sends a
//! [`reqwest::RequestBuilder`] through a session. This crate re-exports [`reauth`], so it is the
//! only one to depend on.
//!
//! # HTTP/2
//!
//! reqwest resends a request, at most twice, if HTTP/2 proves that it was not processed (a refused
//! stream, or one beyond the last of a GOAWAY) and its body can be copied. Otherwise the error
//! is of the class [`Failure::NotProcessed`](reauth::Failure::NotProcessed).
//!
//! Set a `timeout` if the server ends connections with a GOAWAY, as nginx does by default after
//! 1,000 requests. With hyper 1.12 on a multi-threaded runtime, about one request in 1,000
//! GOAWAYs is never sent and never ends. On a busy machine, hyper's client sent the last request
//! before a GOAWAY again although the server had processed it: twice in about 5,000 GOAWAYs. The
//! program `cargo run --release -p reauth-checks -- http2` of the project measures both. A token
//! call has its own connection, and the deadline of the session.
//!
//! # Features
//!
//! - `json` (default): [`JsonGrant`](reauth::JsonGrant) and reqwest's `.json()`.
//! - `oauth2`: the grants of OAuth 2.0, `reauth::OAuth2Grant`.
//! - `rustls`, `rustls-no-provider`, `native-tls`: TLS, forwarded to reqwest. Without one of them
//!   only `http` works, and building a session for `https` is an error.
//! - `http2`: forwarded to reqwest.
//! - `blocking`: sessions for programs without an executor, in the module `blocking`.
//! - `middleware`: `SessionMiddleware`, for chains of reqwest-middleware.
//! - `tower`: `reauth`'s feature `tower`.
#![cfg_attr(docsrs, feature(doc_cfg))]

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

/// The program of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
