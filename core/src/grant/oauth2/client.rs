//! Who asks: a client, and how it says that it is this client.

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
/// White space around its id and its secret is left out: it comes from the file they were read from.
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
    /// A public client of this token endpoint, an absolute URL of `https`, or of `http` on this
    /// machine: it has no secret, and names itself by `client_id` in the body.
    ///
    /// # Errors
    ///
    /// Where the endpoint is none.
    pub fn new(token_endpoint: &str, id: impl Into<String>) -> Result<Self, InvalidEndpoint> {
        Endpoint::secure(token_endpoint)
            .map(|endpoint| Self::public(endpoint, id.into().trim_ascii()))
    }

    /// As [`new`](Self::new), with `http` to anywhere: tokens and the client's secret are
    /// readable on the way.
    ///
    /// # Errors
    ///
    /// Where the endpoint is no absolute URL.
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

    /// Its secret, sent with its id in the header `Authorization: Basic`, which every server must
    /// take ([RFC 6749 §2.3.1]).
    ///
    /// [RFC 6749 §2.3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.authentication = Authentication::Header(Secret::trimmed(secret.into()));
        self
    }

    /// Its secret, sent with its id in the body, for servers that do not take the header.
    #[must_use]
    pub fn secret_in_body(mut self, secret: impl Into<String>) -> Self {
        self.authentication = Authentication::Body(Secret::trimmed(secret.into()));
        self
    }

    pub(super) const fn endpoint(&self) -> &Uri {
        self.endpoint.uri()
    }

    /// Whether it proves that it is this client.
    pub(super) const fn has_secret(&self) -> bool {
        match self.authentication {
            Authentication::None => false,
            Authentication::Header(_) | Authentication::Body(_) => true,
        }
    }

    /// What the client says of itself in the body.
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

    /// The request, with what the client says of itself in its head.
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

    /// Id and secret are form-encoded before base64, unlike elsewhere: either may hold a colon.
    fn basic(&self, secret: &Secret) -> HeaderValue {
        // Each byte is three at most: it does not grow, and leaves no copy behind.
        let longest = 3 * (self.id.len() + secret.expose().len()) + 1;
        let mut credentials = Zeroizing::new(String::with_capacity(longest));
        credentials.extend(byte_serialize(self.id.as_bytes()));
        credentials.push(':');
        credentials.extend(byte_serialize(secret.expose().as_bytes()));
        let encoded = Zeroizing::new(STANDARD.encode(credentials.as_bytes()));
        let basic = Zeroizing::new(format!("Basic {}", *encoded));
        let mut basic =
            HeaderValue::from_str(&basic).expect("base64 is made of what a header takes");
        basic.set_sensitive(true);
        basic
    }
}
