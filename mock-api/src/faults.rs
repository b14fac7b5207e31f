//! How the API can be made to fail.

use std::collections::VecDeque;

use crate::{Break, TokenAnswer};

/// How `POST /auth/refresh` and `POST /oauth/token` behave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenEndpoint {
    /// It works normally.
    #[default]
    Healthy,
    /// It processes the refresh, rotation included, logs its response, then closes the connection
    /// without sending a byte of it.
    LoseAnswer,
    /// It answers 503, and does not process the refresh.
    Unavailable {
        /// The seconds of a `Retry-After` header, if any.
        retry_after: Option<u64>,
    },
    /// It processes the refresh, rotation included, then answers 500.
    ServerError,
    /// It answers 200 with an HTML page, as a captive portal does, and does not process the
    /// refresh.
    Garbage,
}

/// How `GET /api/books` behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resource {
    /// It works normally.
    #[default]
    Healthy,
    /// It answers 401 to every token, even a fresh one.
    RefuseAll,
    /// It works normally, but pads the body of a 401 to this many bytes.
    Large401(usize),
}

/// The modes in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    /// Take precedence over `token_endpoint`.
    pub(crate) token_answers: VecDeque<TokenAnswer>,
    pub(crate) token_endpoint: TokenEndpoint,
    pub(crate) resource: Resource,
    pub(crate) next_books: Option<Break>,
    pub(crate) next_refresh: Option<Break>,
}
