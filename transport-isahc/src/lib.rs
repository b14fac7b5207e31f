//! [`reauth`] sessions over [`isahc`]: `session.execute(request)`, with tokens that refresh
//! themselves, on any executor, without one, and without async.
//!
//! ```no_run
//! use reauth_isahc::isahc::AsyncReadResponseExt;
//! use reauth_isahc::reauth::http::Request;
//! use reauth_isahc::reauth::{JsonGrant, Token};
//! use reauth_isahc::{IsahcTransport, Session};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let session = Session::builder(IsahcTransport::new(|client| client)?)
//!     .origin("https://api.example.com")
//!     .grant(JsonGrant::new("https://api.example.com/auth/refresh")?)
//!     .token(Token::new("an access token")?.with_refresh_token("a refresh token"))
//!     .build()?;
//!
//! let books = Request::get("https://api.example.com/api/books").body(())?;
//! let mut response = session.execute(books).await?;
//! println!("{}", response.text().await?);
//! # Ok(())
//! # }
//! ```
//!
//! [`IsahcTransport`] is the client, [`Session`] a session over it, and [`blocking::Session`] the
//! same session for a synchronous program. This crate re-exports [`reauth`], so it is the only one
//! to depend on.
//!
//! # What libcurl does by itself
//!
//! - **It resends a request**, up to five times, if a reused connection dies before the first line
//!   of the response. This crate prevents that if it could do harm: libcurl cannot read a body
//!   twice, and a request without a body that is not idempotent (an empty `POST`) gets its own
//!   connection. Only requests without a body whose method is idempotent, such as `GET`, may
//!   be sent more often than the session sent them ([RFC 9110 §9.2.2]).
//! - **It resends a request that HTTP/2 proves unprocessed** (a refused stream, or one beyond the
//!   last of a GOAWAY) if it has no body. A request with a body fails: see [HTTP/2](#http2).
//! - **It returns a response** with the first byte of its body, or at the end of an empty one, and
//!   not with the head. If the body breaks off before that, the request fails without a response.
//! - **It accepts a truncated head** that breaks off after one of its lines.
//! - **It notices a dropped request** only when the next byte arrives, and keeps the connection
//!   open until then. isahc's `timeout` bounds that.
//! - **It sends `Expect: 100-continue`** over HTTP/1.1 if the body is above 1 MiB or its length is
//!   unknown. If the server refuses the request by its head, no upload is wasted, and a stream body
//!   can be sent with the replay. A server that ignores the header costs one second; isahc's
//!   `expect_continue(false)`, on a client or a request, switches it off.
//! - **It adds `Content-Type: application/x-www-form-urlencoded`** to a `POST` without one. This
//!   crate sets `application/octet-stream` instead, which means the same as no type.
//! - **It polls a stream body** on its own thread, outside any runtime. It drops the trailers of a
//!   request.
//! - **It sends no header with a value that is not ASCII**: such a request is an error.
//! - **It logs** the heads and bodies of requests, tokens included, at the level TRACE under
//!   `isahc::wire`.
//!
//! isahc's settings for one request (`isahc::config::Configurable`, such as `timeout`) apply to
//! each attempt. Redirects and isahc's own authentication are always off.
//!
//! # HTTP/2
//!
//! A server ends a connection with a GOAWAY, as nginx does by default after 1,000 requests. The
//! requests beyond its last stream were not processed. libcurl resends a `GET` among them. A
//! request with a body fails with [`SendError::BodyNotResent`], in the class
//! [`Failure::Other`](reauth::Failure::Other), because libcurl would have to read the body again.
//! This crate never lets it: libcurl would also resend such a body if a connection died after the
//! server had read the request.
//!
//! An application may repeat such an upload if the request is idempotent. To avoid the error, send
//! uploads over HTTP/1.1, where a server announces the end of a connection with a response. Other
//! requests keep HTTP/2:
//!
//! ```
//! use reauth_isahc::isahc::config::{Configurable, VersionNegotiation};
//! use reauth_isahc::reauth::http::Request;
//!
//! let book = Request::post("https://api.example.com/api/books")
//!     .version_negotiation(VersionNegotiation::http11())
//!     .body("a book")?;
//! # Ok::<(), reauth_isahc::reauth::http::Error>(())
//! ```
//!
//! Token calls always use HTTP/1.1, and so do requests without a body whose method is not
//! idempotent: each needs its own connection, and libcurl shares those of HTTP/2. A token server
//! that speaks only HTTP/2 with prior knowledge cannot be used.
//!
//! # Many connections
//!
//! libcurl, as `static-curl` builds it (curl-sys 0.4.91), waits with `select`. Once the process
//! has about 1,000 open descriptors, it cannot connect any more, and reports the server as
//! unreachable. Set `CFLAGS=-DHAVE_POLL=1` for the build, so that it waits with `poll`, which has
//! no such limit, or stay below the limit with isahc's `max_connections`.
//!
//! # Features
//!
//! - `json` (default): [`JsonGrant`](reauth::JsonGrant) and isahc's `.json()`.
//! - `text-decoding` (default): isahc's `.text()`.
//! - `static-curl` (default): builds libcurl, which needs a C compiler; without it, the system's
//!   libcurl is linked.
//! - `oauth2`: the grants of OAuth 2.0, `reauth::OAuth2Grant`.
//! - `rustls-tls`: TLS, forwarded to isahc. isahc accepts one TLS engine: for another one
//!   (`native-tls`), leave this off and depend on isahc with its feature. Without any, only
//!   `http` works.
//! - `http2`: forwarded to isahc.
//!
//! [RFC 9110 §9.2.2]: https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod blocking;
mod error;
mod outgoing;
mod runtime;
mod transport;
mod upload;

pub use isahc;
pub use reauth;

pub use error::SendError;
pub use runtime::TimerRuntime;
pub use transport::IsahcTransport;

/// A session over isahc.
pub type Session = reauth::Session<IsahcTransport>;

/// The program of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
