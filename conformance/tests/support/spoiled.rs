//! The transport with a fault.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use bytes::Bytes;
use http::header::LOCATION;
use http::{Extensions, HeaderMap, Request, StatusCode};
use reauth::{Body, Connection, Failure, Runtime, Transport};
use reauth_reqwest::{ReqwestTransport, SendError, reqwest};

use super::Fault;
use super::answered::{Error, Response};
use super::outgoing::{collected, doubled};

pub struct Spoiled {
    pub fault: Fault,
    client: ReqwestTransport,
    purpose: Purpose,
    pub attempts: AtomicUsize,
}

/// What a request is for.
#[derive(Clone, Copy)]
enum Purpose {
    Requests,
    TokenCalls,
}

impl Spoiled {
    pub fn new(fault: Fault, client: ReqwestTransport) -> Self {
        Self {
            fault,
            client,
            purpose: Purpose::Requests,
            attempts: AtomicUsize::new(0),
        }
    }

    async fn send_once(
        client: &ReqwestTransport,
        purpose: Purpose,
        request: Request<Body>,
    ) -> Result<reqwest::Response, SendError> {
        match purpose {
            Purpose::Requests => client.send(request).await,
            Purpose::TokenCalls => client.send_token_call(request, Connection::Own).await,
        }
    }
}

impl Transport for Spoiled {
    type Response = Response;
    type Error = Error;

    async fn send(&self, request: Request<Body>) -> Result<Response, Error> {
        let (fault, purpose) = (self.fault, self.purpose);
        let request = self.spoil(request).await;
        let (first, again) = doubled(request);
        let uri = first.uri().clone();
        let mut sent = match fault {
            Fault::DetachesRequests => {
                let client = self.client.clone();
                let sent =
                    tokio::spawn(async move { Self::send_once(&client, purpose, first).await });
                sent.await.unwrap()
            }
            _ => Self::send_once(&self.client, purpose, first).await,
        };
        match (fault, again) {
            (Fault::Resends, Some(again)) if sent.is_err() => {
                sent = Self::send_once(&self.client, purpose, again).await;
            }
            (Fault::SendsTwice, Some(again)) => {
                sent = Self::send_once(&self.client, purpose, again).await;
            }
            _ => {}
        }
        let mut response = sent.map_err(|error| Error { fault, error })?;
        if let (Fault::FollowsRedirects, Some(to)) = (fault, response.headers().get(LOCATION)) {
            let base = format!("http://{}", uri.authority().unwrap());
            let to = to.to_str().unwrap();
            let to = if to.starts_with('/') {
                format!("{base}{to}")
            } else {
                to.to_owned()
            };
            let next = Request::get(to).body(Body::empty()).unwrap();
            response = self
                .client
                .send(next)
                .await
                .map_err(|error| Error { fault, error })?;
        }
        if fault == Fault::FailsOnRefusals && response.status() == 401 {
            let error = SendError::Redirected;
            return Err(Error { fault, error });
        }
        Response::new(fault, response).await
    }

    async fn send_token_call(
        &self,
        request: Request<Body>,
        connection: Connection,
    ) -> Result<Response, Error> {
        // As bytes, which a fault can resend or cut.
        let request = collected(request).await;
        if self.fault == Fault::SharesTokenCalls || connection == Connection::Any {
            return self.send(request).await;
        }
        let own = Self {
            purpose: Purpose::TokenCalls,
            ..Self::new(self.fault, self.client.clone())
        };
        own.send(request).await
    }

    fn status(response: &Response) -> StatusCode {
        match response.fault {
            Fault::Lies => StatusCode::OK,
            _ => response.status,
        }
    }

    fn headers(response: &Response) -> &HeaderMap {
        &response.headers
    }

    fn extensions_mut(response: &mut Response) -> &mut Extensions {
        if response.fault == Fault::ForgetsExtensions {
            response.extensions.clear();
        }
        &mut response.extensions
    }

    async fn chunk(response: &mut Response) -> Result<Option<Bytes>, Error> {
        let fault = response.fault;
        if let Some(piece) = response.buffered.pop() {
            return Ok(Some(piece));
        }
        let Some(inner) = &mut response.inner else {
            return Ok(None);
        };
        match (fault, ReqwestTransport::chunk(inner).await) {
            (Fault::SwallowsResponseErrors, Err(_)) => Ok(None),
            (Fault::AddsToResponses, Ok(None)) => {
                response.inner = None;
                Ok(Some(Bytes::from_static(b"!")))
            }
            (_, piece) => piece.map_err(|error| Error { fault, error }),
        }
    }

    fn failure(error: &Error) -> Failure {
        match error.fault {
            Fault::CallsAllOther => Failure::Other,
            Fault::CallsAllConnect | Fault::Lies => Failure::Connect,
            _ => ReqwestTransport::failure(&error.error),
        }
    }

    fn runtime(&self) -> Arc<dyn Runtime> {
        self.client.runtime()
    }
}
