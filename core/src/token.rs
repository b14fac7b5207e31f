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
/// `Debug` shows neither of them: it says whether there is a refresh token, when the access token
/// expires, and its scope. There is no `Display`, and no serialisation: whoever keeps a token
/// asks for each part by its name, as [`access_token`](Self::access_token) in clear.
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
    expires_at: Option<SystemTime>,
    scope: Option<String>,
}

impl Token {
    /// A token of which only the access token is known.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] where it is empty, or holds what is not printable ASCII ([RFC 6749
    /// appendix A.12]): it could not stand in a header.
    ///
    /// [RFC 6749 appendix A.12]: https://www.rfc-editor.org/rfc/rfc6749#appendix-A.12
    pub fn new(access_token: impl Into<String>) -> Result<Self, InvalidToken> {
        let access_token = access_token.into();
        let printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
        if access_token.trim().is_empty() || !access_token.bytes().all(printable) {
            return Err(InvalidToken(()));
        }
        Ok(Self {
            access_token: Secret::new(access_token),
            token_type: None,
            refresh_token: None,
            expires_at: None,
            scope: None,
        })
    }

    /// Adds the refresh token; an empty one is none.
    #[must_use]
    pub fn with_refresh_token(mut self, refresh_token: impl Into<String>) -> Self {
        let refresh_token = refresh_token.into();
        self.refresh_token = (!refresh_token.is_empty()).then(|| Secret::new(refresh_token));
        self
    }

    /// Adds when the access token expires, by the wall clock.
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: SystemTime) -> Self {
        self.expires_at = Some(expires_at);
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

    /// The access token, in clear.
    #[must_use]
    pub fn access_token(&self) -> &str {
        self.access_token.expose()
    }

    /// The refresh token, in clear.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&str> {
        self.refresh_token.as_ref().map(Secret::expose)
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

    /// What is left of the access token's lifetime; zero once it is over.
    #[must_use]
    pub fn lifetime(&self, now: SystemTime) -> Option<Duration> {
        let left = |expires: SystemTime| expires.duration_since(now).unwrap_or_default();
        self.expires_at.map(left)
    }

    /// Of what the server wrote, what can stand in a log.
    fn shown<'a>(&self, text: &'a str) -> Shown<'a> {
        let secrets = [Some(self.access_token()), self.refresh_token()];
        Shown::unless_it_has(text, secrets.into_iter().flatten())
    }

    /// What a session holds that began without a token: it signs nothing, and is kept nowhere.
    #[cfg(feature = "session")]
    pub(crate) fn nothing() -> Self {
        Self {
            access_token: Secret::new(String::new()),
            token_type: None,
            refresh_token: None,
            expires_at: None,
            scope: None,
        }
    }

    /// It, unless it is [`nothing`](Self::nothing).
    #[cfg(feature = "session")]
    pub(crate) fn if_any(&self) -> Option<&Self> {
        (!self.access_token().is_empty()).then_some(self)
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
        Self {
            access_token: token.access_token,
            token_type: token.token_type.or_else(|| self.token_type.clone()),
            refresh_token: token.refresh_token.or_else(|| self.refresh_token.clone()),
            expires_at: lifetime.and_then(|lifetime| since.checked_add(lifetime)),
            scope: token.scope.or_else(|| self.scope.clone()),
        }
    }
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
            .field("expires_at", &self.expires_at)
            .field("scope", &self.scope().map(|text| self.shown(text)))
            .finish()
    }
}

/// An access token that cannot be one. It does not say what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidToken(());

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an access token is one or more printable ASCII characters")
    }
}

impl Error for InvalidToken {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn promise_10_what_an_answer_leaves_out_stays() {
        let old = Token::new("old").expect("valid");
        let old = old.with_refresh_token("r1").with_scope("read");
        let answer = || TokenResponse::new("new").expect("valid");
        let since = SystemTime::UNIX_EPOCH;

        let kept = old.renewed(answer(), since);
        assert_eq!(kept.access_token(), "new");
        assert_eq!(kept.refresh_token(), Some("r1"));
        assert_eq!(kept.scope(), Some("read"));
        let empty = old.renewed(answer().with_refresh_token(""), since);
        assert_eq!(empty.refresh_token(), Some("r1"));
        let rotated = old.renewed(answer().with_refresh_token("r2"), since);
        assert_eq!(rotated.refresh_token(), Some("r2"));
    }

    #[test]
    fn promise_20_a_lifetime_is_counted_from_before_the_question() {
        let old = Token::new("old").expect("valid");
        let since = SystemTime::UNIX_EPOCH;
        let answer = |seconds| {
            let answer = TokenResponse::new("new").expect("valid");
            answer.with_expires_in(Duration::from_secs(seconds))
        };
        let minute = Duration::from_secs(60);
        let token = old.renewed(answer(60), since);
        assert_eq!(token.expires_at(), Some(since + minute));
        assert_eq!(token.lifetime(since + minute / 2), Some(minute / 2));
        assert_eq!(token.lifetime(since + minute * 2), Some(Duration::ZERO));
        assert_eq!(old.renewed(answer(u64::MAX), since).expires_at(), None);
    }

    #[test]
    fn promise_19_debug_shows_no_token() {
        let token = Token::new("SECRET").expect("valid");
        let token = token.with_refresh_token("SECRET");
        let shown = format!("{token:?} {:?}", TokenResponse::new("SECRET"));
        assert!(!shown.contains("SECRET"), "{shown}");
        assert!(shown.contains("refresh_token: Some"), "{shown}");
        let renewed = TokenResponse::new("A").expect("valid");
        let shown = format!("{renewed:?}");
        assert!(shown.contains("refresh_token: None"), "{shown}");
    }

    #[test]
    fn promise_19_debug_shows_what_the_server_wrote_bounded_and_without_our_secrets() {
        let token = Token::new("SECRET").expect("valid");
        let token = token.with_refresh_token("SECRET-TOO");
        let shown = |scope: &str| format!("{:?}", token.clone().with_scope(scope));
        assert!(shown("read write").contains("read write"));
        assert!(!shown("read SECRET-TOO").contains("SECRET"));
        let odd = token.clone().with_token_type("is SECRET");
        assert!(!format!("{odd:?}").contains("SECRET"));
        let long = shown(&"\u{e9}".repeat(100_000));
        assert!(long.len() < 1_000 && long.contains("and more"), "{long}");
    }

    proptest! {
        #![proptest_config(crate::seed::seeded(512))]

        #[test]
        fn a_token_can_be_a_header_or_is_none(text in "\\PC{0,12}|[ -~]{0,12}|[\\x00-\\xff]{0,4}") {
            if let Ok(token) = Token::new(text) {
                let bearer = format!("Bearer {}", token.access_token());
                prop_assert!(http::HeaderValue::try_from(bearer).is_ok());
            }
        }

        #[test]
        fn promise_20_no_lifetime_panics(expires_in: Duration, since: u32, later: u64) {
            let since = SystemTime::UNIX_EPOCH + Duration::from_secs(since.into());
            let response = TokenResponse::new("new").expect("valid").with_expires_in(expires_in);
            let token = Token::new("old").expect("valid").renewed(response, since);
            let now = since.checked_add(Duration::from_secs(later)).unwrap_or(since);
            prop_assert!(token.lifetime(now).is_none_or(|left| left <= expires_in));
        }
    }

    #[test]
    fn a_token_that_cannot_be_a_header_is_refused_at_the_border() {
        for text in ["", " ", "a\nb", "a\r\nx: y", "\u{e9}", "a\0"] {
            assert_eq!(Token::new(text).err(), Some(InvalidToken(())), "{text:?}");
        }
        assert!(Token::new("a.b-c_d~e+f/g=").is_ok());
    }
}
