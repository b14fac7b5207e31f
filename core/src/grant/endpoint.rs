//! The URL of a token endpoint.

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Uri};

use crate::origin::Origin;

/// An absolute URL, `https` unless an insecure one was asked for.
#[derive(Clone)]
pub(super) struct Endpoint(Uri);

impl Endpoint {
    /// An endpoint with `https`, or `http` to a loopback host.
    pub(super) fn secure(text: &str) -> Result<Self, InvalidEndpoint> {
        let endpoint = Self::insecure(text)?;
        match Origin::of(&endpoint.0) {
            Some(origin) if origin.is_secure() => Ok(endpoint),
            Some(_) | None => Err(InvalidEndpoint::Insecure),
        }
    }

    /// Like [`secure`](Self::secure), but allows `http` to any host.
    pub(super) fn insecure(text: &str) -> Result<Self, InvalidEndpoint> {
        match text.parse::<Uri>() {
            Ok(uri) if Origin::of(&uri).is_some() => Ok(Self(uri)),
            Ok(_) | Err(_) => Err(InvalidEndpoint::Malformed),
        }
    }

    pub(super) const fn uri(&self) -> &Uri {
        &self.0
    }

    /// A POST request to the endpoint that accepts JSON.
    pub(super) fn post(&self, content_type: &'static str, body: Vec<u8>) -> Request<Bytes> {
        let mut request = Request::new(body.into());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.0.clone();
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        request
    }
}

impl fmt::Debug for Endpoint {
    /// Omits the query, which may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.0.scheme_str().unwrap_or_default();
        let authority = self
            .0
            .authority()
            .map_or("", |authority| authority.as_str());
        write!(f, "{scheme}://{authority}{}", self.0.path())
    }
}

/// Why a URL is not a valid token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// It is not an absolute `https` or `http` URL, or it has user information.
    Malformed,
    /// It is `http` to a host other than a loopback host.
    Insecure,
}

impl fmt::Display for InvalidEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => {
                "invalid token endpoint: use an absolute URL without user information, such as \
                 https://example.com/token"
            }
            Self::Insecure => {
                "insecure token endpoint: use https, or `insecure` instead of `new` to allow http"
            }
        })
    }
}

impl Error for InvalidEndpoint {}

#[cfg(test)]
mod tests;
