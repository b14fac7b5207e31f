//! The ways in which the API can fail.

use std::collections::VecDeque;

use crate::{Break, TokenAnswer};

/// How `POST /auth/refresh` and `POST /oauth/token` behave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenEndpoint {
    /// It answers as it should.
    #[default]
    Healthy,
    /// It processes the refresh, rotation included, logs its answer, then closes the
    /// connection without sending a byte of it.
    LoseAnswer,
    /// It answers 503 without processing the refresh.
    Unavailable {
        /// The seconds of a `Retry-After` header, if there is to be one.
        retry_after: Option<u64>,
    },
    /// It processes the refresh, rotation included, then answers 500.
    ServerError,
    /// It answers 200 with an HTML page without processing the refresh, as a captive portal does.
    Garbage,
}

/// How `GET /api/books` behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resource {
    /// It answers as it should.
    #[default]
    Healthy,
    /// It answers 401 to every token, fresh ones too.
    RefuseAll,
    /// It answers as it should, with the body of a 401 padded to that many bytes.
    Large401(usize),
}

/// The modes in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    /// Before anything of `token_endpoint`.
    pub(crate) token_answers: VecDeque<TokenAnswer>,
    pub(crate) token_endpoint: TokenEndpoint,
    pub(crate) resource: Resource,
    pub(crate) next_books: Option<Break>,
    pub(crate) next_refresh: Option<Break>,
}
