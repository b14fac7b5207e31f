//! An HTTP session that refreshes its access token by itself.
//!
//! [`Session::execute`] sends a request with the access token. If the server answers 401, the
//! session gets a new token, once for all requests that were refused, and replays each of them.
//!
//! ```no_run
//! use reauth::http::{Request, Response};
//! use reauth::{Body, JsonGrant, Runtime, Session, Token, from_fn};
//!
//! # #[derive(Clone)]
//! # struct Client;
//! # impl Client {
//! #     async fn send(&self, _: Request<Body>) -> std::io::Result<Response<String>> {
//! #         Ok(Response::new(String::new()))
//! #     }
//! # }
//! # async fn example(
//! #     client: Client,
//! #     runtime: impl Runtime,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! // `client` is any HTTP client, and `runtime` its clock: `TokioRuntime`, for example.
//! let send = move |request| {
//!     let client = client.clone();
//!     async move { client.send(request).await }
//! };
//! let session = Session::builder(from_fn(send, runtime))
//!     .origin("https://api.example.com") // the token is sent to this origin only
//!     .grant(JsonGrant::new("https://api.example.com/auth/refresh")?)
//!     .token(Token::new("ACCESS TOKEN")?.with_refresh_token("REFRESH TOKEN"))
//!     .build()?;
//!
//! let request = Request::get("https://api.example.com/books").body(())?;
//! let response = session.execute(request).await?;
//! println!("{}", response.body());
//! # Ok(())
//! # }
//! ```
//!
//! This crate has no HTTP client. For reqwest and isahc use the crates `reauth-reqwest` and
//! `reauth-isahc`, which re-export it. For other clients use [`from_fn`], `from_service` (feature
//! `tower`), or implement [`Transport`].
//!
//! # Overview
//!
//! - [`Session`] and [`SessionBuilder`]: the session, and all its settings.
//! - [`Token`]: access token, refresh token, expiry and scope.
//! - [`Grant`]: builds a token request and reads the response. [`JsonGrant`] and `OAuth2Grant`
//!   implement it. For anything else there is [`TokenRefresher`].
//! - [`TokenStore`]: keeps the token beyond the process.
//! - [`Transport`] and [`Runtime`]: the HTTP client, its clock and its tasks.
//! - [`Error`], and [`Reason`] in the extensions of a response: why a request failed, or was not
//!   replayed.
//! - [`Meaning`]: classifies a response by its `WWW-Authenticate` challenges.
//! - [`machine`]: the rules about tokens, as state machines without IO. The session runs them.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `session` (default) | [`Session`] and its traits |
//! | `json` (default) | [`JsonGrant`], serde for [`Token`], and the bytes of a [`Record`](store::Record) |
//! | `oauth2` | `OAuth2Grant`: refresh tokens and client credentials of OAuth 2.0 |
//! | `tokio` | `TokioRuntime` |
//! | `tower` | `from_service`, a transport over a tower service, and `SessionLayer` |
//! | `http2` | requests that HTTP/2 proves unprocessed count as such ([`Failure::of`]) |
//! | `tracing` | a span for each attempt and each refresh (`docs/observability.md`) |
//!
//! Without features the crate is [`machine`], [`Token`], [`Scheme`] and [`Grant`], and depends on
//! `http` and `bytes` only.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(
        feature = "session",
        feature = "json",
        feature = "oauth2",
        feature = "tokio",
        feature = "tower"
    )),
    allow(
        rustdoc::broken_intra_doc_links,
        reason = "links to what the features bring"
    )
)]

mod generation;
mod grant;
#[cfg(any(feature = "json", feature = "session"))]
mod origin;
mod reason;
mod scheme;
#[cfg(test)]
mod seed;
mod token;

pub mod machine;
#[cfg(doc)]
#[doc = include_str!("../docs/providers.md")]
pub mod providers {}
#[cfg(feature = "model")]
#[doc(hidden)]
pub mod model;

/// The crate `http`: the types of requests and responses.
pub use http;

pub use generation::Generation;
pub use grant::{
    ErrorResponse, Grant, RefreshError, RefreshErrorKind, Revocation, RevocationError, Spends,
    refused_by_status,
};
#[cfg(feature = "json")]
pub use grant::{InvalidEndpoint, JsonGrant, JsonNames};
#[cfg(feature = "oauth2")]
pub use grant::{OAuth2Client, OAuth2Grant, OAuth2Revocation};
#[doc(inline)]
pub use machine::SessionMachine;
#[doc(inline)]
pub use machine::redirects::Redirects;
#[doc(inline)]
pub use machine::{Connection, TokenUse};
pub use reason::Reason;
pub use scheme::{Bearer, HeaderScheme, InvalidScheme, Scheme};
pub use token::{InvalidToken, Token, TokenResponse};

#[cfg(feature = "session")]
mod body;
#[cfg(feature = "session")]
mod challenge;
#[cfg(feature = "session")]
mod collect;
#[cfg(feature = "session")]
mod error;
#[cfg(feature = "session")]
mod head;
#[cfg(feature = "session")]
mod http_transport;
#[cfg(feature = "tower")]
mod layer;
#[cfg(feature = "session")]
mod refresher;
#[cfg(feature = "session")]
mod runtime;
#[cfg(feature = "session")]
mod session;
#[cfg(feature = "session")]
pub mod store;
#[cfg(feature = "session")]
mod sync;
#[cfg(feature = "tokio")]
mod tokio_runtime;
#[cfg(feature = "session")]
mod trace;
#[cfg(feature = "session")]
mod transport;

#[cfg(feature = "tokio")]
pub use self::tokio_runtime::TokioRuntime;
#[cfg(feature = "session")]
pub use self::{
    body::{Body, BodyError},
    challenge::{InsufficientScope, Meaning, StepUp},
    error::{Error, ErrorKind},
    head::{RequestHead, Target},
    http_transport::{Call, CallError, HttpTransport, from_fn},
    refresher::{GrantRefresher, RefresherFn, TokenCall, TokenRefresher, refresher_fn},
    runtime::{BoxFuture, Runtime, Spawner},
    session::{
        Answered, Attempt, BearerToken, BuildError, BuildErrorKind, Counts, Event, EventKind,
        FinalUri, RedirectChain, ReplayMethods, Session, SessionBuilder, Timeout,
        WithoutCredentials,
    },
    store::{MemoryStore, TokenStore},
    transport::{Failure, Transport},
};
#[cfg(feature = "tower")]
pub use self::{
    http_transport::{ServiceCall, from_service},
    layer::{SessionLayer, SessionService},
};
/// The macro for implementations of [`TokenRefresher`] and [`TokenStore`].
#[cfg(feature = "session")]
pub use async_trait::async_trait;
/// Checks [`Meaning::of`], for the fuzzer.
#[cfg(all(feature = "model", feature = "session"))]
#[doc(hidden)]
pub use challenge::check_bytes as check_challenge;

/// The program of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
