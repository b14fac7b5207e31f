//! An OAuth 2.0 client and its authentication.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use form_urlencoded::byte_serialize;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Uri};
use zeroize::Zeroizing;

use super::form::Form;
use crate::grant::endpoint::{Endpoint, InvalidEndpoint};
use crate::token::Secret;

/// A client of an authorization server, and its token endpoint ([RFC 6749 §2]).
///
/// White space around the id and the secret is removed, such as a newline from a file.
///
/// `Debug` shows no secret.
///
/// [RFC 6749 §2]: https://www.rfc-editor.org/rfc/rfc6749#section-2
#[derive(Clone, Debug)]
pub struct OAuth2Client {
    endpoint: Endpoint,
    id: String,
    authentication: Authentication,
}

/// [RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1).
#[derive(Clone, Debug)]
enum Authentication {
    None,
    Header(Secret),
    Body(Secret),
}

impl OAuth2Client {
    /// A public client: it has no secret, and sends `client_id` in the body. The token endpoint is
    /// an absolute `https` URL, or `http` to a loopback host.
    ///
    /// # Errors
    ///
    /// If the endpoint is anything else.
    pub fn new(token_endpoint: &str, id: impl Into<String>) -> Result<Self, InvalidEndpoint> {
        Endpoint::secure(token_endpoint)
            .map(|endpoint| Self::public(endpoint, id.into().trim_ascii()))
    }

    /// Like [`new`](Self::new), but allows `http` to any host, which sends tokens and the client's
    /// secret in clear.
    ///
    /// # Errors
    ///
    /// If the endpoint is not an absolute URL.
    pub fn insecure(token_endpoint: &str, id: impl Into<String>) -> Result<Self, InvalidEndpoint> {
        Endpoint::insecure(token_endpoint)
            .map(|endpoint| Self::public(endpoint, id.into().trim_ascii()))
    }

    fn public(endpoint: Endpoint, id: &str) -> Self {
        Self {
            endpoint,
            id: id.to_owned(),
            authentication: Authentication::None,
        }
    }

    /// Sets the secret, and sends it with the id as `Authorization: Basic`, which every server must
    /// support ([RFC 6749 §2.3.1]).
    ///
    /// [RFC 6749 §2.3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.authentication = Authentication::Header(Secret::trimmed(secret.into()));
        self
    }

    /// Sets the secret, and sends it with the id in the body, for servers that do not support the
    /// header.
    #[must_use]
    pub fn secret_in_body(mut self, secret: impl Into<String>) -> Self {
        self.authentication = Authentication::Body(Secret::trimmed(secret.into()));
        self
    }

    pub(super) const fn endpoint(&self) -> &Uri {
        self.endpoint.uri()
    }

    /// Whether the client authenticates.
    pub(super) const fn has_secret(&self) -> bool {
        match self.authentication {
            Authentication::None => false,
            Authentication::Header(_) | Authentication::Body(_) => true,
        }
    }

    /// Adds the client's parameters to the body.
    pub(super) fn sign<'a>(&'a self, form: &mut Form<'a>) {
        match &self.authentication {
            Authentication::None => form.push("client_id", &self.id),
            Authentication::Header(_) => {}
            Authentication::Body(secret) => {
                form.push("client_id", &self.id);
                form.push("client_secret", secret.expose());
            }
        }
    }

    /// The token request, with the client's `Authorization` header if it uses one.
    pub(super) fn post(&self, form: &Form<'_>) -> Request<Bytes> {
        let body = form.encoded().into_bytes();
        let mut request = self
            .endpoint
            .post("application/x-www-form-urlencoded", body);
        match &self.authentication {
            Authentication::Header(secret) => {
                let basic = self.basic(secret);
                request.headers_mut().insert(AUTHORIZATION, basic);
            }
            Authentication::None | Authentication::Body(_) => {}
        }
        request
    }

    /// Id and secret are form-encoded before base64, since either may hold a colon.
    fn basic(&self, secret: &Secret) -> HeaderValue {
        // A byte is encoded as three at most: the text never grows, which would leave a copy.
        let longest = 3 * (self.id.len() + secret.expose().len()) + 1;
        let mut credentials = Zeroizing::new(String::with_capacity(longest));
        credentials.extend(byte_serialize(self.id.as_bytes()));
        credentials.push(':');
        credentials.extend(byte_serialize(secret.expose().as_bytes()));
        let encoded = Zeroizing::new(STANDARD.encode(credentials.as_bytes()));
        let basic = Zeroizing::new(format!("Basic {}", *encoded));
        let mut basic = HeaderValue::from_str(&basic).expect("base64 is valid in a header");
        basic.set_sensitive(true);
        basic
    }
}
