//! The blocking session over reqwest, which runs the async one on its own thread.

use http::StatusCode;
use reauth_reqwest::{ReqwestTransport, blocking};

use super::limits::THREADS;
use super::reqwest_client::{client, configure};
use super::session_tokens::signed_in;
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, HeldTo, Role, Threads};
use crate::load::{BlockingClient, OnThreads};
use crate::target::Target;

pub(crate) const CONTENDER: Contender = Contender {
    name: "session-blocking",
    role: Role::Session(HeldTo::Nothing),
    baseline: "reqwest-blocking",
    threads: Threads::Own,
    limit: Some(THREADS),
    load: |target| Ok(OnThreads::boxed(SessionBlocking::new(target)?)),
};

struct SessionBlocking {
    client: reqwest::Client,
    session: blocking::Session,
}

impl SessionBlocking {
    fn new(target: &Target) -> Result<Self, BoxError> {
        let options = blocking::Session::builder(ReqwestTransport::new(configure)?);
        Ok(Self {
            client: client()?,
            session: blocking::Session::build(signed_in(options, target)?)?,
        })
    }
}

impl BlockingClient for SessionBlocking {
    fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let response = self.session.send(ask.native(&self.client))?;
        let status = response.status();
        response.bytes()?;
        Ok(status)
    }
}
