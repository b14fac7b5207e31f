//! A token: access token, refresh token, expiry, scope and type, as one value.

#[cfg(feature = "json")]
mod form;
mod response;
mod secret;
mod shown;

use std::error::Error;
use std::fmt;
use std::time::{Duration, SystemTime};

#[cfg(all(feature = "json", feature = "session"))]
pub(crate) use form::MEMBERS;
pub use response::TokenResponse;
pub(crate) use secret::Secret;
use shown::Shown;

/// An access token with its refresh token, expiry, scope and type ([RFC 6749 §5.1]).
///
/// The secrets are overwritten when the token is dropped (with the feature `session` or `json`).
/// `Debug` hides them, and shows only whether there is a refresh token, when the access token
/// expires, and the scope. There is no `Display`.
///
/// White space around a token is removed.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use reauth::Token;
///
/// let token = Token::new("2YotnFZFEjr1zCsicMWpAA")?
///     .with_refresh_token("tGzv3JOkF0XG5Qx2TlKWIA")
///     .with_expires_at(SystemTime::now() + Duration::from_secs(3600));
/// assert!(!format!("{token:?}").contains("2Yot"));
/// # Ok::<(), reauth::InvalidToken>(())
/// ```
///
/// # Serialisation
///
/// With the feature `json`, a token implements `Serialize` and `Deserialize` of serde. **What is
/// serialised has the secrets in clear.** A [`Record`](crate::store::Record) contains a token in the
/// same form, which is stable:
///
/// ```json
/// {
///   "access_token": "2YotnFZFEjr1zCsicMWpAA",
///   "token_type": "Bearer",
///   "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA",
///   "scope": "read write",
///   "issued_at": 1764327843.125,
///   "expires_at": 1764331443,
///   "extras": { "id_token": "…" }
/// }
/// ```
///
/// - `access_token` is always there, and `null` if there is no access token yet
///   ([`from_refresh_token`](Self::from_refresh_token)). The other members are left out if they are
///   unknown; `null` has the same meaning.
/// - A time is a number of seconds since 1970-01-01 00:00 UTC, to the millisecond. A finer part is
///   cut off, so a token never lives longer in another process. A time before 1970 or after the year
///   9999 is written as the nearest time between.
/// - The values of `extras` are text.
///
/// Deserialisation ignores members that it does not know, and applies the rules of
/// [`new`](Self::new). Anything else than the above is an error, for example a number for a token, a
/// member that is there twice, or a time in milliseconds. The errors name the member, and do not
/// show its value. Formats that do not describe themselves, such as bincode, are not supported.
///
/// [RFC 6749 §5.1]: https://www.rfc-editor.org/rfc/rfc6749#section-5.1
#[derive(Clone)]
pub struct Token {
    access_token: Secret,
    token_type: Option<String>,
    refresh_token: Option<Secret>,
    issued_at: Option<SystemTime>,
    expires_at: Option<SystemTime>,
    scope: Option<String>,
    extras: Vec<(String, Secret)>,
}

impl Token {
    /// A token with this access token and nothing else.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] if it is empty, has characters other than printable ASCII ([RFC 6749
    /// appendix A.12]), or begins with the name of a scheme, such as `Bearer`.
    ///
    /// [RFC 6749 appendix A.12]: https://www.rfc-editor.org/rfc/rfc6749#appendix-A.12
    pub fn new(access_token: impl Into<String>) -> Result<Self, InvalidToken> {
        let access_token = Secret::trimmed(access_token.into());
        let text = access_token.expose();
        let printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
        if text.is_empty() || !text.bytes().all(printable) {
            return Err(InvalidToken(Invalid::AccessToken));
        }
        match without_scheme(text) {
            Some(_) => Err(InvalidToken(Invalid::Scheme)),
            None => Ok(Self {
                access_token,
                ..Self::nothing()
            }),
        }
    }

    /// A token with this refresh token only. The session's first request gets an access token;
    /// until then [`access_token`](Self::access_token) is empty.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] if it is empty.
    pub fn from_refresh_token(refresh_token: impl Into<String>) -> Result<Self, InvalidToken> {
        let token = Self::nothing().with_refresh_token(refresh_token);
        match token.refresh_token {
            Some(_) => Ok(token),
            None => Err(InvalidToken(Invalid::RefreshToken)),
        }
    }

    /// Sets the refresh token. An empty one means none.
    #[must_use]
    pub fn with_refresh_token(mut self, refresh_token: impl Into<String>) -> Self {
        let refresh_token = Secret::trimmed(refresh_token.into());
        self.refresh_token = (!refresh_token.expose().is_empty()).then_some(refresh_token);
        self
    }

    /// Sets when the access token was issued. With [`expires_at`](Self::expires_at) this gives its
    /// whole lifetime, which limits how early it is refreshed
    /// ([`SessionBuilder::renewal`](crate::SessionBuilder::renewal)).
    #[must_use]
    pub fn with_issued_at(mut self, issued_at: SystemTime) -> Self {
        self.issued_at = Some(issued_at);
        self
    }

    /// Sets when the access token expires.
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: SystemTime) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// Sets another member of the token response, such as `id_token`. It replaces one with the same
    /// name, and is treated as a secret.
    #[must_use]
    pub fn with_extra(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), Secret::new(value.into()));
        match self.extras.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.extras.push((name, value)),
        }
        self
    }

    /// Sets the scope, as the server wrote it: names separated by spaces.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Sets the token type, as the server wrote it.
    #[must_use]
    pub fn with_token_type(mut self, token_type: impl Into<String>) -> Self {
        self.token_type = Some(token_type.into());
        self
    }

    /// The access token, in clear. Empty if there is none yet
    /// ([`from_refresh_token`](Self::from_refresh_token)).
    #[must_use]
    pub fn access_token(&self) -> &str {
        self.access_token.expose()
    }

    /// The refresh token, in clear.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&str> {
        self.refresh_token.as_ref().map(Secret::expose)
    }

    /// When the access token was issued, if known.
    #[must_use]
    pub const fn issued_at(&self) -> Option<SystemTime> {
        self.issued_at
    }

    /// When the access token expires, if known. Otherwise only a 401 tells.
    #[must_use]
    pub const fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// The scope, if known.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// The token type, if known: usually `Bearer`.
    #[must_use]
    pub fn token_type(&self) -> Option<&str> {
        self.token_type.as_deref()
    }

    /// Another member of the token response, in clear: text as it is, other values as JSON. The
    /// grant decides which are kept ([`JsonGrant::keep`](crate::JsonGrant::keep)).
    #[must_use]
    pub fn extra(&self, name: &str) -> Option<&str> {
        self.extras()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// All other members that were kept: names and values.
    pub fn extras(&self) -> impl Iterator<Item = (&str, &str)> {
        let extras = self.extras.iter();
        extras.map(|(name, value)| (name.as_str(), value.expose()))
    }

    /// The remaining lifetime of the access token: `None` if unknown, zero if it has expired or
    /// there is no access token.
    #[must_use]
    pub fn lifetime(&self, now: SystemTime) -> Option<Duration> {
        if self.access_token().is_empty() {
            return Some(Duration::ZERO);
        }
        let left = |expires: SystemTime| expires.duration_since(now).unwrap_or_default();
        self.expires_at.map(left)
    }

    /// The whole lifetime of the access token, if known.
    #[cfg(feature = "session")]
    pub(crate) fn whole_lifetime(&self) -> Option<Duration> {
        self.expires_at?.duration_since(self.issued_at?).ok()
    }

    /// The server's text in a form that is safe to log.
    fn shown<'a>(&self, text: &'a str) -> Shown<'a> {
        Shown::unless_it_has(text, self.secrets())
    }

    fn secrets(&self) -> impl Iterator<Item = &str> {
        let secrets = [Some(self.access_token()), self.refresh_token()];
        let extras = self.extras().map(|(_, value)| value);
        secrets.into_iter().flatten().chain(extras)
    }

    /// The text for a newer token, unless it contains a secret of this one: the newer token could
    /// not recognize that secret.
    fn inherited(&self, text: &Option<String>) -> Option<String> {
        let text = text.as_ref()?;
        let plain = matches!(self.shown(text), Shown::Text(_));
        plain.then(|| text.clone())
    }

    /// The token of a session that began without one: it signs nothing and is not saved.
    pub(crate) fn nothing() -> Self {
        Self {
            access_token: Secret::new(String::new()),
            token_type: None,
            refresh_token: None,
            issued_at: None,
            expires_at: None,
            scope: None,
            extras: Vec::new(),
        }
    }

    /// `None` for [`nothing`](Self::nothing).
    #[cfg(feature = "session")]
    pub(crate) fn if_any(&self) -> Option<&Self> {
        (self.signs() || self.refresh_token.is_some()).then_some(self)
    }

    /// Whether there is an access token.
    #[cfg(feature = "session")]
    pub(crate) fn signs(&self) -> bool {
        !self.access_token().is_empty()
    }

    /// The token after a refresh with this response. What the response omits is kept ([RFC 6749
    /// §6]).
    ///
    /// `since` is when the lifetime begins: pass the time before the request was sent.
    ///
    /// [RFC 6749 §6]: https://www.rfc-editor.org/rfc/rfc6749#section-6
    #[must_use]
    pub fn renewed(&self, response: TokenResponse, since: SystemTime) -> Self {
        let lifetime = response.expires_in;
        let token = response.token;
        let known = |name: &str| token.extra(name).is_some();
        let kept = self.extras.iter().filter(|(name, _)| !known(name));
        let kept: Vec<_> = kept.cloned().collect();
        Self {
            access_token: token.access_token,
            token_type: token
                .token_type
                .or_else(|| self.inherited(&self.token_type)),
            refresh_token: token.refresh_token.or_else(|| self.refresh_token.clone()),
            issued_at: Some(since),
            expires_at: lifetime.and_then(|lifetime| since.checked_add(lifetime)),
            scope: token.scope.or_else(|| self.inherited(&self.scope)),
            extras: token.extras.into_iter().chain(kept).collect(),
        }
    }
}

/// The text after the name of a scheme, which gets there if somebody copies a whole header.
fn without_scheme(access_token: &str) -> Option<&str> {
    const SCHEMES: [&str; 4] = ["Bearer", "DPoP", "Basic", "Token"];
    if access_token.eq_ignore_ascii_case("Bearer") {
        return Some("");
    }
    let (first, rest) = access_token.split_once(' ')?;
    let named = SCHEMES
        .iter()
        .any(|scheme| scheme.eq_ignore_ascii_case(first));
    let rest = rest.trim_ascii();
    named.then(|| without_scheme(rest).unwrap_or(rest))
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("access_token", &self.access_token)
            .field(
                "token_type",
                &self.token_type().map(|text| self.shown(text)),
            )
            .field("refresh_token", &self.refresh_token)
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .field("scope", &self.scope().map(|text| self.shown(text)))
            .field("extras", &self.extras.len())
            .finish()
    }
}

/// A token is invalid. The message does not show the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidToken(Invalid);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Invalid {
    AccessToken,
    Scheme,
    RefreshToken,
}

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Invalid::AccessToken => {
                "an access token must be one or more printable ASCII characters"
            }
            Invalid::Scheme => {
                "the access token begins with the name of its scheme: leave out \"Bearer \", the \
                 session adds it"
            }
            Invalid::RefreshToken => "the refresh token is empty",
        })
    }
}

impl Error for InvalidToken {}

#[cfg(test)]
mod tests;
