//! How a request carries an access token.
//!
//! It decides the header and its value. It never knows the request, nor whether the token may go
//! there.

use std::error::Error;
use std::fmt;

use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, TE, TRAILER};
use http::header::{TRANSFER_ENCODING, UPGRADE};
use http::{HeaderName, HeaderValue};

/// How a request carries an access token: in which header, and as what value.
///
/// It is pure: a session asks once for each token, marks the value as sensitive, and shares it
/// among all requests. [`Bearer`] and [`HeaderScheme`] are ready made; another is a few lines:
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
    /// The header that carries the token: of each attempt exactly one. A session asks once, when
    /// it is built.
    fn header(&self) -> HeaderName;

    /// The value for this access token, which is printable ASCII
    /// ([`Token::new`](crate::Token::new)), so that there is one.
    fn value(&self, access_token: &str) -> HeaderValue;
}

/// `Authorization: Bearer …` ([RFC 6750 §2.1]): what a session does by default.
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

/// A header of any name, with or without a text before the token.
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
    /// The token alone, in the header of this name.
    ///
    /// # Errors
    ///
    /// Where the name is none, or is that of a header which says where a message goes or ends.
    pub fn new(header: &str) -> Result<Self, InvalidScheme> {
        Self::with_prefix(header, "")
    }

    /// This text and the token, in the header of this name. A space between them is the text's.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new), and where the text is not printable ASCII.
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

/// What a client or a proxy acts upon.
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

/// Made once, at its size: no copy of a token is left where a text grew.
fn joined(prefix: &str, access_token: &str) -> HeaderValue {
    let value = [prefix, access_token].concat();
    HeaderValue::try_from(value).expect("a prefix and a token are printable ASCII")
}

/// Why there is no such [`HeaderScheme`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidScheme {
    /// The header's name is none, or is that of a header which says where a message goes or ends.
    Header,
    /// The text before the token is not printable ASCII.
    Prefix,
}

impl fmt::Display for InvalidScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "a token goes in a header such as authorization or x-api-key",
            Self::Prefix => "the text before a token is printable ASCII",
        })
    }
}

impl Error for InvalidScheme {}

#[cfg(test)]
mod tests;
