//! An HTTP session whose tokens take care of themselves.
//!
//! An application calls [`Session::execute`]; the session attaches the access token, notices the
//! 401, refreshes once however many requests were refused, and replays each of them. This crate
//! is the part that needs no HTTP client: users take a transport crate, such as
//! `reauth-reqwest`, which re-exports it.
//!
//! - [`machine`]: the pure machines, in which all rules about tokens are.
//! - [`Session`]: the driver, which performs what they ask for.
//! - [`Meaning`]: what an answer says about the token it was asked with.
//! - [`Transport`], [`TokenRefresher`], [`Grant`], [`TokenStore`], [`Runtime`]: what it drives.
//!
//! # Features
//!
//! `session` (default): the driver and its traits. `json` (default): [`JsonGrant`]. `oauth2`:
//! `OAuth2Grant`, for refresh tokens and client credentials of OAuth 2.0. `tokio`: its clock and
//! tasks, `TokioRuntime`. `tower`: any service as a transport, `from_service`, and a session in a
//! stack, `SessionLayer`. `http2`: what HTTP/2 proves unprocessed, by the errors of the crate `h2`
//! ([`Failure::of`]). `tracing`: a span for each attempt and each refresh, by the names of
//! OpenTelemetry; `docs/observability.md` has them all. Without any, this crate is [`machine`],
//! [`Token`], [`Scheme`] and [`Grant`], on `http` and `bytes` alone.
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
#[path = "../tests/support/seed.rs"]
mod seed;
mod token;

pub mod machine;
#[cfg(doc)]
#[doc = include_str!("../docs/providers.md")]
pub mod providers {}
#[cfg(feature = "model")]
pub mod model;

/// The types of requests and responses.
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
/// The macro that [`TokenRefresher`] and [`TokenStore`] are written with.
#[cfg(feature = "session")]
pub use async_trait::async_trait;
/// What the fuzzer asks of [`Meaning::of`].
#[cfg(all(feature = "model", feature = "session"))]
#[doc(hidden)]
pub use challenge::check_bytes as check_challenge;
