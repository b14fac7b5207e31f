//! The client of all contenders over reqwest, with the settings of `ReqwestTransport::new`, so that
//! only what is on top of it differs.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

pub(crate) fn configure(client: ClientBuilder) -> ClientBuilder {
    client.no_proxy()
}

pub(crate) fn client() -> reqwest::Result<Client> {
    configure(Client::builder())
        .redirect(Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .build()
}
