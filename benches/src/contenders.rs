//! All that take part, one a file.

mod reqwest_client;
mod reqwest_http;
mod session_reqwest;
mod session_tokens;

use crate::BoxError;
use crate::contender::Contender;

/// In the order of the tables, each behind its baseline.
pub(crate) const ALL: &[Contender] = &[reqwest_http::CONTENDER, session_reqwest::CONTENDER];

pub(crate) fn named(name: &str) -> Result<&'static Contender, BoxError> {
    let found = ALL.iter().find(|contender| contender.name == name);
    found.ok_or_else(|| {
        let names: Vec<_> = ALL.iter().map(|contender| contender.name).collect();
        format!("there is no contender {name}, but {}", names.join(", ")).into()
    })
}
