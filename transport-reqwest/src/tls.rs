//! Whether reqwest was built with TLS, by this crate's features or by another crate's.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "which of the two values is constructed depends on reqwest's features"
)]

use reqwest::{Client, ClientBuilder};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    There,
    Missing,
}

/// The error message for `https` without TLS.
pub(crate) const ADD_IT: &str = "https needs TLS, and reqwest was built without it: add the \
                                 feature `rustls` or `native-tls` of reauth-reqwest";

impl Tls {
    /// With TLS, reqwest's builder has an inherent method of this name, which wins over the
    /// trait's.
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
