//! A session over reqwest, by `send_with` of a `RequestBuilder`.

use http::StatusCode;
use reauth_reqwest::{SendWith, Session};

use super::reqwest_client::client;
use super::session_reqwest::session;
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, HeldTo, Role, Threads};
use crate::load::{Client, OnTokio};

pub(crate) const CONTENDER: Contender = Contender {
    name: "session-send-with",
    role: Role::Session(HeldTo::BareAndRivals),
    baseline: "reqwest-native",
    threads: Threads::Callers,
    limit: None,
    load: |target| {
        OnTokio::boxed(|| {
            Ok(SessionSendWith {
                client: client()?,
                session: session(target)?,
            })
        })
    },
};

struct SessionSendWith {
    client: reqwest::Client,
    session: Session,
}

impl Client for SessionSendWith {
    async fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let response = ask.native(&self.client).send_with(&self.session).await?;
        let status = response.status();
        response.bytes().await?;
        Ok(status)
    }
}
