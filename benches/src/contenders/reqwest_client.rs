//! The client under all contenders over reqwest, as `ReqwestTransport::new` sets it up: what is
//! compared is what stands on top of it.

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
