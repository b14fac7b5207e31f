//! OAuth 2.0 token revocation.

use bytes::Bytes;
use http::Request;

use super::client::OAuth2Client;
use super::form::Form;
use crate::{Revocation, Token};

/// OAuth 2.0 token revocation ([RFC 7009 §2.1]).
///
/// Use the grant's client, but with the revocation endpoint instead of the token endpoint.
///
/// ```
/// use reauth::{OAuth2Client, OAuth2Revocation};
///
/// let client = OAuth2Client::new("https://auth.example.com/revoke", "book-reader")?;
/// let revocation = OAuth2Revocation::new(client);
/// # Ok::<(), reauth::InvalidEndpoint>(())
/// ```
///
/// [RFC 7009 §2.1]: https://www.rfc-editor.org/rfc/rfc7009#section-2.1
#[derive(Clone, Debug)]
pub struct OAuth2Revocation(OAuth2Client);

impl OAuth2Revocation {
    /// A revocation by this client, at its endpoint.
    #[must_use]
    pub const fn new(client: OAuth2Client) -> Self {
        Self(client)
    }
}

impl Revocation for OAuth2Revocation {
    fn request(&self, token: &Token) -> Request<Bytes> {
        let mut form = Form::default();
        match token.refresh_token() {
            Some(refresh_token) => {
                form.push("token", refresh_token);
                form.push("token_type_hint", "refresh_token");
            }
            None => {
                form.push("token", token.access_token());
                form.push("token_type_hint", "access_token");
            }
        }
        self.0.sign(&mut form);
        self.0.post(&form)
    }
}
