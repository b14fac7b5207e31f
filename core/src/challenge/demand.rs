//! The parameters of challenges that a refresh cannot satisfy.
//!
//! The session puts them into the extensions of the response. Their text is the server's.

use std::time::Duration;

use super::lines::Challenge;

/// The token is valid, but its scope is too narrow ([RFC 6750 §3.1]).
///
/// Ask the user to sign in for the wider scope.
///
/// [RFC 6750 §3.1]: https://www.rfc-editor.org/rfc/rfc6750#section-3.1
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsufficientScope {
    scope: Option<String>,
}

impl InsufficientScope {
    pub(super) fn of(challenge: &Challenge<'_>) -> Self {
        let scope = scope(challenge);
        Self { scope }
    }

    /// The scope that the resource needs, as the server wrote it; `None` if it does not say.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// The names in [`scope`](Self::scope), in the server's order.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        names(self.scope())
    }
}

/// The token is valid, but the user must authenticate again ([RFC 9470 §3]).
///
/// Send the user to the authorization server with these values ([RFC 9470 §4]).
///
/// [RFC 9470 §3]: https://www.rfc-editor.org/rfc/rfc9470#section-3
/// [RFC 9470 §4]: https://www.rfc-editor.org/rfc/rfc9470#section-4
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepUp {
    acr_values: Option<String>,
    max_age: Option<Duration>,
    scope: Option<String>,
    claims: Option<String>,
}

impl StepUp {
    pub(super) fn of(challenge: &Challenge<'_>) -> Self {
        Self {
            acr_values: text(challenge, "acr_values"),
            max_age: challenge.parameter("max_age").as_deref().and_then(seconds),
            scope: scope(challenge),
            claims: text(challenge, "claims"),
        }
    }

    /// The accepted authentication contexts: names separated by spaces, the preferred one first.
    #[must_use]
    pub fn acr_values(&self) -> Option<&str> {
        self.acr_values.as_deref()
    }

    /// The maximum age of the user's authentication, in whole seconds; zero means now.
    #[must_use]
    pub const fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// The scope that the resource needs, as the server wrote it; `None` if it does not say.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// The names in [`scope`](Self::scope), in the server's order.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        names(self.scope())
    }

    /// The claims that the next token must have, as the server wrote them: JSON in base64. Only
    /// Microsoft's servers send them.
    #[must_use]
    pub fn claims(&self) -> Option<&str> {
        self.claims.as_deref()
    }
}

fn text(challenge: &Challenge<'_>, name: &str) -> Option<String> {
    challenge.parameter(name).filter(|text| !text.is_empty())
}

/// The scope, if it has only the characters of [RFC 6749 §3.3].
///
/// [RFC 6749 §3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3
fn scope(challenge: &Challenge<'_>) -> Option<String> {
    let letter = |byte| matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~');
    let scope = challenge.parameter("scope")?;
    let named = names(Some(&scope)).next().is_some();
    (named && scope.bytes().all(letter)).then_some(scope)
}

fn names(scope: Option<&str>) -> impl Iterator<Item = &str> {
    let names = scope.unwrap_or_default().split(' ');
    names.filter(|name| !name.is_empty())
}

/// Accepts digits only: `parse` would accept a sign.
fn seconds(text: &str) -> Option<Duration> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().filter(|_| digits)?;
    Some(Duration::from_secs(seconds))
}
