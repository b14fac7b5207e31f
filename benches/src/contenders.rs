//! All contenders, one in each file.
//!
//! `reqwest-auth` 1.0.0 is left out: it needs reqwest-middleware 0.4, and with it a second reqwest.

mod hyper_util;
mod isahc;
mod least;
mod least_hyper_util;
mod least_reqwest;
mod limits;
mod middleware_empty;
mod middleware_mutex;
mod middleware_single_flight;
mod reqwest_blocking;
mod reqwest_chain;
mod reqwest_client;
mod reqwest_http;
mod reqwest_native;
mod session_blocking;
mod session_hyper_util;
mod session_isahc;
mod session_reqwest;
mod session_send_with;
mod session_tokens;
mod session_watched;
mod token_call;

pub(crate) use session_tokens::{bearer, signed_in};
pub(crate) use session_watched::{Early, Entry, SessionWatched};

use crate::BoxError;
use crate::contender::Contender;

/// In the order of the tables, each after its baseline.
pub(crate) const ALL: &[Contender] = &[
    reqwest_http::CONTENDER,
    session_reqwest::CONTENDER,
    reqwest_native::CONTENDER,
    session_send_with::CONTENDER,
    least_reqwest::CONTENDER,
    middleware_empty::CONTENDER,
    middleware_single_flight::CONTENDER,
    middleware_mutex::CONTENDER,
    reqwest_chain::CONTENDER,
    reqwest_blocking::CONTENDER,
    session_blocking::CONTENDER,
    isahc::CONTENDER,
    session_isahc::CONTENDER,
    hyper_util::CONTENDER,
    session_hyper_util::CONTENDER,
    least_hyper_util::CONTENDER,
];

pub(crate) fn named(name: &str) -> Result<&'static Contender, BoxError> {
    let found = ALL.iter().find(|contender| contender.name == name);
    found.ok_or_else(|| {
        let names: Vec<_> = ALL.iter().map(|contender| contender.name).collect();
        format!("the contenders are {}", names.join(", ")).into()
    })
}

#[cfg(test)]
mod tests;
