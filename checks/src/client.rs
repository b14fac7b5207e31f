//! The HTTP clients that a check can use.

use std::time::Duration;

use clap::ValueEnum;
use reauth::Transport;
use reauth_reqwest::ReqwestTransport;

use crate::explain::explain;

/// The clients, by their names on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ClientName {
    Reqwest,
    #[cfg(feature = "isahc")]
    Isahc,
}

/// A client as an application configures it.
pub(crate) trait Client {
    type Transport: Transport + Clone + 'static;

    /// How many sessions may have open connections at the same time.
    const SESSIONS_AT_ONCE: usize;

    /// `timeout` is the application's time limit for a response of the API.
    fn transport(timeout: Option<Duration>) -> Result<Self::Transport, String>;
}

pub(crate) enum Reqwest {}

impl Client for Reqwest {
    type Transport = ReqwestTransport;

    const SESSIONS_AT_ONCE: usize = 2000;

    fn transport(timeout: Option<Duration>) -> Result<ReqwestTransport, String> {
        let transport = ReqwestTransport::new(|client| {
            let client = client.no_proxy();
            match timeout {
                Some(timeout) => client.timeout(timeout),
                None => client,
            }
        });
        transport.map_err(|error| explain(&error))
    }
}

#[cfg(feature = "isahc")]
pub(crate) use over_libcurl::Isahc;

#[cfg(feature = "isahc")]
mod over_libcurl {
    use std::time::Duration;

    use reauth_isahc::IsahcTransport;
    use reauth_isahc::isahc::config::Configurable;

    use super::Client;
    use crate::explain::explain;

    pub(crate) enum Isahc {}

    impl Client for Isahc {
        type Transport = IsahcTransport;

        /// A session needs up to four descriptors, for both ends of two connections, and the
        /// bundled libcurl cannot poll a descriptor above 1,023.
        const SESSIONS_AT_ONCE: usize = 200;

        fn transport(timeout: Option<Duration>) -> Result<IsahcTransport, String> {
            let transport = IsahcTransport::new(|client| {
                let client = client.proxy(None);
                match timeout {
                    Some(timeout) => client.timeout(timeout),
                    None => client,
                }
            });
            transport.map_err(|error| explain(&error))
        }
    }
}
