//! [`reauth`] over [`isahc`]: `session.execute(req)`, and tokens that take care of themselves.
//! On any executor, without one, and without async at all.
//!
//! [`IsahcTransport`] is the client, [`Session`] a session over it, [`blocking::Session`] the
//! same session for a synchronous program. [`reauth`] is re-exported, so this crate is the only
//! one to depend on.
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
//! # What libcurl does by itself
//!
//! - **It sends a request again** when a connection that it reuses dies before the first line of
//!   the answer, up to five times. Not here, where it could do harm: a body is handed over such
//!   that it cannot be read twice, and what has no body and is not idempotent (an empty `POST`)
//!   goes over a connection of its own. What remains are requests without a body whose method is
//!   idempotent, as `GET` is ([RFC 9110 §9.2.2]); those may be on the wire more often than the
//!   session sent them.
//! - **It sends a request again that HTTP/2 proves unprocessed** (a refused stream, or one beyond
//!   the last of a GOAWAY), where it has no body. One with a body fails: see [HTTP/2](#http2).
//! - **It returns an answer** once the first byte of its body is there, or its end: not at its
//!   head. Where the body breaks off before that, there is an error and no answer.
//! - **It takes a head that breaks off** behind one of its lines for a whole one.
//! - **It notices that nobody waits any more** when the next byte arrives: dropping the future or
//!   the response of a request leaves its connection open until then. A `timeout` of isahc's
//!   bounds that.
//! - **It sends `Expect: 100-continue`** over HTTP/1.1 with a body above 1 MiB, or of unknown
//!   length. Where the server refuses such a request at its head, no upload is wasted, and a body
//!   that is a stream is sent with the replay; a server that ignores the header costs a second.
//!   `expect_continue(false)` of isahc's, in a client or a request, is the way out.
//! - **It names a type** for the body of a `POST`, `application/x-www-form-urlencoded`. Where the
//!   request names none this crate names `application/octet-stream`, which means the same as
//!   none.
//! - **It polls a body that is a stream** on a thread of its own, outside of any runtime. Trailers
//!   of a request are dropped.
//! - **It sends no header whose value is not ASCII**: such a request is an error.
//! - **It logs** the heads and bodies of requests, tokens among them, at the level TRACE under
//!   `isahc::wire`.
//!
//! isahc's settings for one request (`isahc::config::Configurable`, as `timeout`) hold for each
//! of its attempts; redirects and isahc's own authentication are always off.
//!
//! # HTTP/2
//!
//! A server ends a connection with a GOAWAY, as nginx does by default after 1,000 requests. The
//! requests beyond its last stream were not processed, and libcurl sends a `GET` among them again
//! by itself. One with a body fails with [`SendError::BodyNotResent`], and the class
//! [`Failure::Other`](reauth::Failure::Other): libcurl would need to read the body again. A body
//! that it can read again it would also send again where a connection died after the server had
//! read the request, so this crate hands over none.
//!
//! An application may repeat such an upload if the request is idempotent. To avoid the error, let
//! uploads go over HTTP/1.1, whose connections announce their end with an answer; other requests keep
//! HTTP/2:
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
//! Token calls always go over HTTP/1.1, and so does a request without a body whose method is not
//! idempotent: each has a connection of its own, and libcurl shares those of HTTP/2. A server that
//! speaks HTTP/2 with prior knowledge and nothing else cannot be asked for a token.
//!
//! # Many connections
//!
//! libcurl, as `static-curl` builds it (curl-sys 0.4.91), waits with `select`, and no connection
//! is made once the process holds about 1,000 descriptors: the error is that of a server that
//! cannot be reached. Built with `CFLAGS=-DHAVE_POLL=1` in the environment it waits with `poll`,
//! which has no such limit. Or stay below, with isahc's `max_connections`.
//!
//! # Features
//!
//! `json` (default): [`JsonGrant`](reauth::JsonGrant) and isahc's `.json()`. `oauth2`: the grants
//! of OAuth 2.0, `reauth::OAuth2Grant`. `text-decoding` (default): isahc's `.text()`.
//! `static-curl` (default): a libcurl that comes along, and needs a C compiler; without it the
//! system's is linked. TLS is a choice of the caller: `rustls-tls` forwards to isahc, as `http2`
//! does. isahc takes no two engines, so for another one (`native-tls`) depend on isahc with that
//! feature, and leave this one off. Without any only `http` works.
//!
//! [RFC 9110 §9.2.2]: https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2

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
