//! A session over reqwest, by `execute`.

use http::StatusCode;
use reauth_reqwest::{ReqwestTransport, Session};

use super::reqwest_client::configure;
use super::session_tokens::signed_in;
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, HeldTo, Role, Threads};
use crate::load::{Client, OnTokio};
use crate::target::Target;

pub(crate) const CONTENDER: Contender = Contender {
    name: "session-reqwest",
    role: Role::Session(HeldTo::BareAndRivals),
    baseline: "reqwest-http",
    threads: Threads::Callers,
    limit: None,
    load: |target| OnTokio::boxed(|| Ok(SessionReqwest(session(target)?))),
};

pub(crate) fn session(target: &Target) -> Result<Session, BoxError> {
    let session = Session::builder(ReqwestTransport::new(configure)?);
    Ok(signed_in(session, target)?.build()?)
}

struct SessionReqwest(Session);

impl Client for SessionReqwest {
    async fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let request = ask.http()?;
        let response = self.0.execute(request).await?;
        let status = response.status();
        response.bytes().await?;
        Ok(status)
    }
}
