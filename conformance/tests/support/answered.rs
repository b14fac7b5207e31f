//! Faults of a response, and of an error.

use std::error::Error as StdError;
use std::fmt;

use bytes::Bytes;
use http::{Extensions, HeaderMap, HeaderValue, StatusCode};
use reauth::Transport;
use reauth_reqwest::{SendError, reqwest};

use super::{Fault, Spoiled};

pub struct Response {
    pub fault: Fault,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub extensions: Extensions,
    /// In reverse order.
    pub buffered: Vec<Bytes>,
    pub inner: Option<reqwest::Response>,
}

impl Response {
    pub async fn new(fault: Fault, response: reqwest::Response) -> Result<Self, Error> {
        let mut response = Self {
            fault,
            status: response.status(),
            headers: response.headers().clone(),
            extensions: Extensions::new(),
            buffered: Vec::new(),
            inner: Some(response),
        };
        match fault {
            Fault::JoinsResponseHeaders => {
                for name in response.headers.clone().keys() {
                    let values = response.headers.get_all(name).iter();
                    let values: Vec<_> = values.map(HeaderValue::as_bytes).collect();
                    let joined = HeaderValue::from_bytes(&values.join(&b", "[..])).unwrap();
                    response.headers.insert(name, joined);
                }
            }
            Fault::BuffersResponses => {
                let mut pieces = Vec::new();
                while let Some(piece) = Spoiled::chunk(&mut response).await? {
                    pieces.push(piece);
                }
                pieces.reverse();
                response.buffered = pieces;
                response.inner = None;
            }
            _ => {}
        }
        Ok(response)
    }
}

impl Drop for Response {
    fn drop(&mut self) {
        if let (Fault::DetachesResponses, Some(mut inner)) = (self.fault, self.inner.take()) {
            tokio::spawn(async move { while let Ok(Some(_)) = inner.chunk().await {} });
        }
    }
}

#[derive(Debug)]
pub struct Error {
    pub fault: Fault,
    pub error: SendError,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self.fault {
            Fault::HidesSources => None,
            _ => Some(&self.error),
        }
    }
}
