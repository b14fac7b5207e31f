//! Whether reqwest speaks TLS, whoever gave it the feature for it.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "one of the two answers is not reached, which one depends on reqwest's features"
)]

use reqwest::{Client, ClientBuilder};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    There,
    Missing,
}

/// What to do about it.
pub(crate) const ADD_IT: &str = "https needs TLS, and reqwest was built without it: add the \
                                 feature `rustls` or `native-tls` of reauth-reqwest";

impl Tls {
    /// A builder has a method of this name where reqwest has TLS, and that comes before a trait's.
    pub(crate) fn of_reqwest() -> Self {
        Client::builder().tls_info(false).tls()
    }
}

trait InItsPlace: Sized {
    fn tls_info(self, _: bool) -> Missing {
        Missing
    }
}

impl InItsPlace for ClientBuilder {}

struct Missing;

trait Answer {
    fn tls(self) -> Tls;
}

impl Answer for Missing {
    fn tls(self) -> Tls {
        Tls::Missing
    }
}

impl Answer for ClientBuilder {
    fn tls(self) -> Tls {
        Tls::There
    }
}
