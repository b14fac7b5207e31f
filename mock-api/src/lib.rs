//! The book API of reauth's examples and tests: a list of books behind an access token that
//! expires, and two endpoints that refresh it, one in JSON and one of OAuth 2.0.
//!
//! ```
//! use reauth_mock_api::MockApi;
//!
//! # fn main() -> std::io::Result<()> {
//! let api = MockApi::start()?;
//! assert!(api.url().starts_with("http://127.0.0.1:"));
//! assert_eq!(api.refresh_token(), "demo-refresh-token");
//! assert_eq!(api.counts().refreshes, 0);
//! # Ok(())
//! # }
//! ```
//!
//! [`MockApi`] runs on its own thread, so a test may use any async runtime, or none. A test can
//!
//! - read what happened: [`MockApi::counts`], [`MockApi::log`];
//! - change what is accepted: [`MockApi::expire_access_tokens`], [`MockApi::revoke`];
//! - make it fail: [`TokenEndpoint`], [`TokenAnswer`], [`Resource`], [`Break`];
//! - stop a request at a chosen point, without sleeping: [`Gate`].
//!
//! It speaks HTTP/1.1 and knows nothing of the library under test.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod access;
mod access_log;
mod api;
mod blocking;
mod book;
mod books;
mod breaks;
mod builder;
mod connection;
mod counts;
mod faults;
mod gate;
mod oauth;
mod problem;
mod refresh;
mod routes;
mod server;
mod shared;
mod text;
mod token_answer;
mod token_call;
mod tokens;

pub use access_log::AccessLog;
pub use api::MockApi;
pub use book::Book;
pub use breaks::{At, Break, How};
pub use builder::{Builder, Rotation};
pub use counts::Counts;
pub use faults::{Resource, TokenEndpoint};
pub use gate::Gate;
pub use text::Receipt;
pub use token_answer::TokenAnswer;

/// The program of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
