//! A session over hyper-util's client, as a tower service.

use ::hyper_util::client::legacy::Client as HyperClient;
use ::hyper_util::client::legacy::connect::HttpConnector;
use ::hyper_util::rt::TokioExecutor;
use http::StatusCode;
use http_body_util::BodyExt;
use reauth_reqwest::TokioRuntime;
use reauth_reqwest::reauth::{Body, HttpTransport, ServiceCall, Session, from_service};

use super::hyper_util::connector;
use super::session_tokens::signed_in;
use crate::BoxError;
use crate::ask::Ask;
use crate::contender::{Contender, HeldTo, Role, Threads};
use crate::load::{Client, OnTokio};
use crate::target::Target;

pub(crate) const CONTENDER: Contender = Contender {
    name: "session-hyper-util",
    role: Role::Session(HeldTo::Bare),
    baseline: "hyper-util",
    threads: Threads::Callers,
    limit: None,
    load: |target| OnTokio::boxed(|| SessionHyperUtil::new(target)),
};

type Service = HyperClient<HttpConnector, Body>;

struct SessionHyperUtil(Session<HttpTransport<ServiceCall<Service>>>);

impl SessionHyperUtil {
    fn new(target: &Target) -> Result<Self, BoxError> {
        let client: Service = HyperClient::builder(TokioExecutor::new()).build(connector());
        let session = Session::builder(from_service(client, TokioRuntime::new()));
        Ok(Self(signed_in(session, target)?.build()?))
    }
}

impl Client for SessionHyperUtil {
    async fn send(&self, ask: &Ask) -> Result<StatusCode, BoxError> {
        let request = ask.http()?;
        let response = self.0.execute(request).await?;
        let status = response.status();
        response.into_body().collect().await?.to_bytes();
        Ok(status)
    }
}
