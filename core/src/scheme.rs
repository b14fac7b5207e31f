//! How a request carries an access token: in which header, with which value.

use std::error::Error;
use std::fmt;

use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, TE, TRAILER};
use http::header::{TRANSFER_ENCODING, UPGRADE};
use http::{HeaderName, HeaderValue};

/// How a request carries an access token: in which header, and as what value.
///
/// The session calls it once for each token, marks the value as sensitive, and shares it among all
/// requests. For most servers [`Bearer`] or [`HeaderScheme`] suffices. Another scheme takes a few
/// lines:
///
/// ```
/// use reauth::Scheme;
/// use reauth::http::{HeaderName, HeaderValue, header};
///
/// /// The token as a cookie.
/// struct SessionCookie;
///
/// impl Scheme for SessionCookie {
///     fn header(&self) -> HeaderName {
///         header::COOKIE
///     }
///
///     fn value(&self, access_token: &str) -> HeaderValue {
///         let cookie = format!("session={access_token}");
///         HeaderValue::try_from(cookie).expect("a token is printable ASCII")
///     }
/// }
/// ```
pub trait Scheme: Send + Sync + 'static {
    /// The header that carries the token. Called once, when the session is built. Each attempt has
    /// exactly one such header.
    fn header(&self) -> HeaderName;

    /// The value for this access token, which is always printable ASCII
    /// ([`Token::new`](crate::Token::new)).
    fn value(&self, access_token: &str) -> HeaderValue;
}

/// `Authorization: Bearer …` ([RFC 6750 §2.1]), the default of a session.
///
/// [RFC 6750 §2.1]: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bearer;

impl Scheme for Bearer {
    fn header(&self) -> HeaderName {
        AUTHORIZATION
    }

    fn value(&self, access_token: &str) -> HeaderValue {
        joined("Bearer ", access_token)
    }
}

/// A header with any name, and an optional prefix before the token.
///
/// ```
/// use reauth::HeaderScheme;
///
/// let key = HeaderScheme::new("x-api-key")?;
/// let token = HeaderScheme::with_prefix("authorization", "Token ")?;
/// # Ok::<(), reauth::InvalidScheme>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderScheme {
    header: HeaderName,
    prefix: String,
}

impl HeaderScheme {
    /// The token alone, in the header with this name.
    ///
    /// # Errors
    ///
    /// If the name is invalid, or the header controls routing or framing, such as `Host` or
    /// `Content-Length`.
    pub fn new(header: &str) -> Result<Self, InvalidScheme> {
        Self::with_prefix(header, "")
    }

    /// This prefix and the token, in the header with this name. The prefix should end with any
    /// separator, such as a space.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), or if the prefix is not printable ASCII.
    pub fn with_prefix(header: &str, prefix: &str) -> Result<Self, InvalidScheme> {
        let name = HeaderName::try_from(header).map_err(|_| InvalidScheme::Header)?;
        if FRAMING.contains(&name) {
            return Err(InvalidScheme::Header);
        }
        if !prefix.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(InvalidScheme::Prefix);
        }
        Ok(Self {
            header: name,
            prefix: prefix.to_owned(),
        })
    }
}

/// Headers that control the routing or the framing of a message.
const FRAMING: [HeaderName; 7] = [
    CONNECTION,
    CONTENT_LENGTH,
    HOST,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

impl Scheme for HeaderScheme {
    fn header(&self) -> HeaderName {
        self.header.clone()
    }

    fn value(&self, access_token: &str) -> HeaderValue {
        joined(&self.prefix, access_token)
    }
}

/// Allocates once: a text that grows would leave a copy of the token.
fn joined(prefix: &str, access_token: &str) -> HeaderValue {
    let value = [prefix, access_token].concat();
    HeaderValue::try_from(value).expect("a prefix and a token are printable ASCII")
}

/// Why a [`HeaderScheme`] is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidScheme {
    /// The header's name is invalid, or the header controls routing or framing.
    Header,
    /// The prefix is not printable ASCII.
    Prefix,
}

impl fmt::Display for InvalidScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => {
                "this header cannot carry a token: use one such as authorization or x-api-key"
            }
            Self::Prefix => "the prefix before a token must be printable ASCII",
        })
    }
}

impl Error for InvalidScheme {}

#[cfg(test)]
mod tests;
