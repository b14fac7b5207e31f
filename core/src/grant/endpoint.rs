//! Where a grant sends its request.

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Uri};

use crate::origin::Origin;

/// An absolute URL, and a safe one unless it was said not to matter.
#[derive(Clone)]
pub(super) struct Endpoint(Uri);

impl Endpoint {
    /// `https`, or `http` on this machine.
    pub(super) fn secure(text: &str) -> Result<Self, InvalidEndpoint> {
        let endpoint = Self::insecure(text)?;
        match Origin::of(&endpoint.0) {
            Some(origin) if origin.is_secure() => Ok(endpoint),
            Some(_) | None => Err(InvalidEndpoint::Insecure),
        }
    }

    /// As [`secure`](Self::secure), with `http` to anywhere.
    pub(super) fn insecure(text: &str) -> Result<Self, InvalidEndpoint> {
        match text.parse::<Uri>() {
            Ok(uri) if Origin::of(&uri).is_some() => Ok(Self(uri)),
            Ok(_) | Err(_) => Err(InvalidEndpoint::Malformed),
        }
    }

    pub(super) const fn uri(&self) -> &Uri {
        &self.0
    }

    /// A question to it, whose answer is to be JSON.
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
    /// Without its query, which may hold a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.0.scheme_str().unwrap_or_default();
        let authority = self
            .0
            .authority()
            .map_or("", |authority| authority.as_str());
        write!(f, "{scheme}://{authority}{}", self.0.path())
    }
}

/// Why a text is no token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// It is no absolute URL of `https` or `http`, or it has user information.
    Malformed,
    /// It is `http`, and not on this machine.
    Insecure,
}

impl fmt::Display for InvalidEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => {
                "a token endpoint is an absolute URL, such as https://example.com/token"
            }
            Self::Insecure => {
                "tokens go over https, or http on this machine; \
                 `insecure` in the place of `new` allows this endpoint all the same"
            }
        })
    }
}

impl Error for InvalidEndpoint {}

#[cfg(test)]
mod tests;
