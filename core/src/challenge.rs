//! Classifies a response by what it says about the access token of its request.
//!
//! Reads the status and the `WWW-Authenticate` fields ([RFC 9110 §11.6.1]) and nothing else.
//!
//! [RFC 9110 §11.6.1]: https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1

mod demand;
#[cfg(any(test, feature = "model"))]
mod laws;
mod lines;
#[cfg(test)]
mod tests;

use http::{HeaderMap, StatusCode};

pub use demand::{InsufficientScope, StepUp};
#[cfg(feature = "model")]
pub use laws::check_bytes;
use lines::Challenge;
#[cfg(test)]
pub(crate) use lines::{MAX_LINE, MAX_LINES, MAX_VALUE};

/// What a response says about the access token of its request.
///
/// A 401 that cannot be understood is [`TokenRefused`](Self::TokenRefused): an unneeded refresh
/// costs one call, a missed one costs the session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Meaning {
    /// Nothing: the response is for the application.
    Other,
    /// The token was refused, and a newer one may help: a 401 with `invalid_token` ([RFC 6750
    /// §3.1]), without a challenge, or with one that cannot be read.
    ///
    /// [RFC 6750 §3.1]: https://www.rfc-editor.org/rfc/rfc6750#section-3.1
    TokenRefused,
    /// The token is valid, but its scope is too narrow: a 401 or 403 with `insufficient_scope`
    /// ([RFC 6750 §3.1]). A refresh cannot widen the scope ([RFC 6749 §6]).
    ///
    /// [RFC 6750 §3.1]: https://www.rfc-editor.org/rfc/rfc6750#section-3.1
    /// [RFC 6749 §6]: https://www.rfc-editor.org/rfc/rfc6749#section-6
    InsufficientScope(InsufficientScope),
    /// The token is valid, but the user must authenticate again, more strongly or more recently: a
    /// 401 with `insufficient_user_authentication` ([RFC 9470 §3]), or with Microsoft's
    /// `insufficient_claims`.
    ///
    /// [RFC 9470 §3]: https://www.rfc-editor.org/rfc/rfc9470#section-3
    StepUp(StepUp),
    /// The server wants a nonce in the DPoP proof and did not check the token: a 401 with
    /// `use_dpop_nonce` ([RFC 9449 §9]).
    ///
    /// [RFC 9449 §9]: https://www.rfc-editor.org/rfc/rfc9449#section-9
    DpopNonce,
    /// All challenges are for schemes other than Bearer and DPoP, such as Basic or Negotiate: no
    /// token would help.
    ForeignScheme,
}

impl Meaning {
    /// Classifies the response to a request that carried a token.
    ///
    /// If challenges disagree, the first of these counts: an invalid token, a nonce, a step-up,
    /// the scope, a Bearer or DPoP challenge without a known error code or one that cannot be
    /// read (both mean that the token was refused), another scheme. Among equals the first
    /// challenge counts.
    ///
    /// `invalid_request` is not a known code here: it belongs to a 400, which says nothing about
    /// the token.
    ///
    /// A parameter that occurs twice in a challenge is ignored ([RFC 9110 §11.2]). Up to 16 fields
    /// of 8 KiB and values of 4 KiB are read; anything longer counts as unreadable.
    ///
    /// ```
    /// use reauth::Meaning;
    /// use reauth::http::{HeaderMap, StatusCode, header::WWW_AUTHENTICATE};
    ///
    /// let mut headers = HeaderMap::new();
    /// let challenge = r#"Bearer error="insufficient_scope", scope="books:write""#;
    /// headers.insert(WWW_AUTHENTICATE, challenge.parse()?);
    ///
    /// let meaning = Meaning::of(StatusCode::FORBIDDEN, &headers);
    /// let Meaning::InsufficientScope(wanted) = meaning else { panic!("{meaning:?}") };
    /// assert_eq!(wanted.scope(), Some("books:write"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [RFC 9110 §11.2]: https://www.rfc-editor.org/rfc/rfc9110#section-11.2
    #[inline]
    #[must_use]
    pub fn of(status: StatusCode, headers: &HeaderMap) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => strongest(headers, |_| true).unwrap_or(Self::TokenRefused),
            StatusCode::FORBIDDEN => {
                strongest(headers, |word| word == Word::Scope).unwrap_or(Self::Other)
            }
            _ => Self::Other,
        }
    }

    /// Whether a response with this status can mean anything but [`Other`](Self::Other).
    pub(crate) const fn is_in(status: StatusCode) -> bool {
        matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
    }
}

/// What one challenge says, in ascending precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Foreign,
    Unclear,
    Scope,
    StepUp,
    Nonce,
    Invalid,
}

impl Word {
    fn of(challenge: &Challenge<'_>) -> Self {
        let (bearer, dpop) = (challenge.is("Bearer"), challenge.is("DPoP"));
        if !bearer && !dpop {
            return Self::Foreign;
        }
        match challenge.parameter("error").as_deref() {
            Some("invalid_token") => Self::Invalid,
            Some("use_dpop_nonce") if dpop => Self::Nonce,
            Some("insufficient_user_authentication" | "insufficient_claims") => Self::StepUp,
            Some("insufficient_scope") => Self::Scope,
            Some(_) | None => Self::Unclear,
        }
    }

    fn meaning(self, challenge: &Challenge<'_>) -> Meaning {
        match self {
            Self::Foreign => Meaning::ForeignScheme,
            Self::Unclear | Self::Invalid => Meaning::TokenRefused,
            Self::Scope => Meaning::InsufficientScope(InsufficientScope::of(challenge)),
            Self::StepUp => Meaning::StepUp(StepUp::of(challenge)),
            Self::Nonce => Meaning::DpopNonce,
        }
    }
}

fn strongest(headers: &HeaderMap, counts: impl Fn(Word) -> bool) -> Option<Meaning> {
    let mut strongest: Option<(Word, Meaning)> = None;
    lines::read(headers, |challenge| {
        let word = challenge.as_ref().map_or(Word::Unclear, Word::of);
        let beaten = |before: &(Word, Meaning)| word > before.0;
        if counts(word) && strongest.as_ref().is_none_or(beaten) {
            let meaning = challenge.map_or(Meaning::TokenRefused, |told| word.meaning(&told));
            strongest = Some((word, meaning));
        }
    });
    strongest.map(|(_, meaning)| meaning)
}
