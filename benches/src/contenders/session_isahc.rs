//! A session over isahc.

use ::isahc::AsyncReadResponseExt;
use http::StatusCode;
use reauth_isahc::{IsahcTransport, Session};

use super::isahc::configure;
use super::limits::SELECT;
use super::session_tokens::signed_in;
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, HeldTo, Role, Threads};
use crate::load::{Client, OnTokio};
use crate::target::Target;

pub(crate) const CONTENDER: Contender = Contender {
    name: "session-isahc",
    role: Role::Session(HeldTo::Bare),
    baseline: "isahc",
    threads: Threads::Own,
    limit: Some(SELECT),
    load: |target| OnTokio::boxed(|| SessionIsahc::new(target)),
};

struct SessionIsahc(Session);

impl SessionIsahc {
    fn new(target: &Target) -> Result<Self, BoxError> {
        let session = Session::builder(IsahcTransport::new(configure)?);
        Ok(Self(signed_in(session, target)?.build()?))
    }
}

impl Client for SessionIsahc {
    async fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let request = ask.http()?;
        let mut response = self.0.execute(request).await?;
        response.bytes().await?;
        Ok(response.status())
    }
}
