//! What a session holds: access token, refresh token, expiry, scope and type, as one value.

mod response;
mod secret;
mod shown;

use std::error::Error;
use std::fmt;
use std::time::{Duration, SystemTime};

pub use response::TokenResponse;
pub(crate) use secret::Secret;
use shown::Shown;

/// A token and all that belongs to it, moved as one value ([RFC 6749 §5.1]).
///
/// Its secrets are overwritten when it is dropped (with one of the features `session` and `json`).
/// `Debug` shows none of them: it says whether there is a refresh token, when the access token
/// expires, and its scope. There is no `Display`, and no serialisation: a store asks for each part
/// by its name, such as [`access_token`](Self::access_token), [`issued_at`](Self::issued_at) and
/// [`extras`](Self::extras).
///
/// White space around a token is no part of it, and is left out.
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
    /// A token of which only the access token is known.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] where it is empty, holds what is not printable ASCII ([RFC 6749
    /// appendix A.12]), so that it could not stand in a header, or begins with the name of a
    /// scheme, such as `Bearer`.
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

    /// A token of which only the refresh token is known: the first request of the session gets an
    /// access token. Until then [`access_token`](Self::access_token) is empty.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] where it is empty.
    pub fn from_refresh_token(refresh_token: impl Into<String>) -> Result<Self, InvalidToken> {
        let token = Self::nothing().with_refresh_token(refresh_token);
        match token.refresh_token {
            Some(_) => Ok(token),
            None => Err(InvalidToken(Invalid::RefreshToken)),
        }
    }

    /// Adds the refresh token; an empty one is none.
    #[must_use]
    pub fn with_refresh_token(mut self, refresh_token: impl Into<String>) -> Self {
        let refresh_token = Secret::trimmed(refresh_token.into());
        self.refresh_token = (!refresh_token.expose().is_empty()).then_some(refresh_token);
        self
    }

    /// Adds when the access token was issued, by the wall clock. With
    /// [`expires_at`](Self::expires_at) it tells its whole lifetime, which bounds how early it is
    /// refreshed ([`SessionBuilder::renewal`](crate::SessionBuilder::renewal)).
    #[must_use]
    pub fn with_issued_at(mut self, issued_at: SystemTime) -> Self {
        self.issued_at = Some(issued_at);
        self
    }

    /// Adds when the access token expires, by the wall clock.
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: SystemTime) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// Adds another member of the token server's answer, such as `id_token`, in the place of one
    /// with this name. It counts as a secret.
    #[must_use]
    pub fn with_extra(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), Secret::new(value.into()));
        match self.extras.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.extras.push((name, value)),
        }
        self
    }

    /// Adds the scope, as the server wrote it: names with spaces between them.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Adds the type, as the server wrote it.
    #[must_use]
    pub fn with_token_type(mut self, token_type: impl Into<String>) -> Self {
        self.token_type = Some(token_type.into());
        self
    }

    /// The access token, in clear; empty where there is none yet
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

    /// When the access token was issued, where it is known.
    #[must_use]
    pub const fn issued_at(&self) -> Option<SystemTime> {
        self.issued_at
    }

    /// When the access token expires; `None` where only a 401 tells.
    #[must_use]
    pub const fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// The scope, where it is known.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// The type, where it is known: `Bearer` as a rule.
    #[must_use]
    pub fn token_type(&self) -> Option<&str> {
        self.token_type.as_deref()
    }

    /// Another member of the token server's answer, in clear: text as it is, any other value as
    /// its JSON. A grant says which are kept ([`JsonGrant::keep`](crate::JsonGrant::keep)).
    #[must_use]
    pub fn extra(&self, name: &str) -> Option<&str> {
        self.extras()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// All of those, with their names.
    pub fn extras(&self) -> impl Iterator<Item = (&str, &str)> {
        let extras = self.extras.iter();
        extras.map(|(name, value)| (name.as_str(), value.expose()))
    }

    /// What is left of the access token's lifetime; zero once it is over, and where there is none.
    #[must_use]
    pub fn lifetime(&self, now: SystemTime) -> Option<Duration> {
        if self.access_token().is_empty() {
            return Some(Duration::ZERO);
        }
        let left = |expires: SystemTime| expires.duration_since(now).unwrap_or_default();
        self.expires_at.map(left)
    }

    /// The whole lifetime of the access token, where it is known.
    #[cfg(feature = "session")]
    pub(crate) fn whole_lifetime(&self) -> Option<Duration> {
        self.expires_at?.duration_since(self.issued_at?).ok()
    }

    /// Of what the server wrote, what can stand in a log.
    fn shown<'a>(&self, text: &'a str) -> Shown<'a> {
        Shown::unless_it_has(text, self.secrets())
    }

    fn secrets(&self) -> impl Iterator<Item = &str> {
        let secrets = [Some(self.access_token()), self.refresh_token()];
        let extras = self.extras().map(|(_, value)| value);
        secrets.into_iter().flatten().chain(extras)
    }

    /// What a newer token inherits, unless the server wrote a secret into it: that token would not
    /// know that it is one.
    fn inherited(&self, text: &Option<String>) -> Option<String> {
        let text = text.as_ref()?;
        let plain = matches!(self.shown(text), Shown::Text(_));
        plain.then(|| text.clone())
    }

    /// What a session holds that began without a token: it signs nothing, and is kept nowhere.
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

    /// It, unless it is [`nothing`](Self::nothing).
    #[cfg(feature = "session")]
    pub(crate) fn if_any(&self) -> Option<&Self> {
        (self.signs() || self.refresh_token.is_some()).then_some(self)
    }

    /// Whether there is an access token.
    #[cfg(feature = "session")]
    pub(crate) fn signs(&self) -> bool {
        !self.access_token().is_empty()
    }

    /// The token that a refresh of this one brought; what the answer left out stays ([RFC 6749
    /// §6]).
    ///
    /// `since` is when its lifetime began: before it was asked for.
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

/// What stands behind the name of a scheme, which is no part of a token: people copy whole headers.
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

/// A token that cannot be one. It does not say what it was.
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
            Invalid::AccessToken => "an access token is one or more printable ASCII characters",
            Invalid::Scheme => {
                "the access token begins with the name of its scheme: leave out \"Bearer \", \
                 which the session adds"
            }
            Invalid::RefreshToken => "the refresh token is empty",
        })
    }
}

impl Error for InvalidToken {}

#[cfg(test)]
mod tests;
