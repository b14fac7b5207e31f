//! Revocation, as OAuth 2.0 has it.

use bytes::Bytes;
use http::Request;

use super::client::OAuth2Client;
use super::form::Form;
use crate::{Revocation, Token};

/// A revocation request of OAuth 2.0 ([RFC 7009 §2.1]).
///
/// Its client is that of the grant, with the revocation endpoint in the place of the token
/// endpoint.
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
    /// Asks as this client, at its endpoint.
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
