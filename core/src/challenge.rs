//! What an answer says about the token it was asked with.
//!
//! It decides from the status and the lines of `WWW-Authenticate` alone ([RFC 9110 §11.6.1]), for
//! every answer there can be. It never knows the token, nor what is done about it.
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

/// What an answer says about the token it was asked with.
///
/// In doubt a 401 is [`TokenRefused`](Self::TokenRefused), since the request carried a token: a
/// refresh too many costs one call, a refresh too few the session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Meaning {
    /// Nothing: the answer is the application's.
    Other,
    /// The token is refused, and a newer one may help: a 401 that says `invalid_token` ([RFC 6750
    /// §3.1]), or nothing that can be understood.
    ///
    /// [RFC 6750 §3.1]: https://www.rfc-editor.org/rfc/rfc6750#section-3.1
    TokenRefused,
    /// The token is good, and does not reach so far: a 401 or 403 that says `insufficient_scope`
    /// ([RFC 6750 §3.1]). A refresh cannot widen it ([RFC 6749 §6]).
    ///
    /// [RFC 6750 §3.1]: https://www.rfc-editor.org/rfc/rfc6750#section-3.1
    /// [RFC 6749 §6]: https://www.rfc-editor.org/rfc/rfc6749#section-6
    InsufficientScope(InsufficientScope),
    /// The token is good, and its user must authenticate anew, in another way or more recently: a
    /// 401 that says `insufficient_user_authentication` ([RFC 9470 §3]), or `insufficient_claims`
    /// as Microsoft's servers do.
    ///
    /// [RFC 9470 §3]: https://www.rfc-editor.org/rfc/rfc9470#section-3
    StepUp(StepUp),
    /// The proof of possession wants a nonce, and the token was not judged: a 401 that says
    /// `use_dpop_nonce` ([RFC 9449 §9]).
    ///
    /// [RFC 9449 §9]: https://www.rfc-editor.org/rfc/rfc9449#section-9
    DpopNonce,
    /// Only schemes other than Bearer and DPoP are asked for, such as Basic or Negotiate: no token
    /// would help.
    ForeignScheme,
}

impl Meaning {
    /// Reads an answer to a request that carried a token.
    ///
    /// Where challenges disagree, the strongest counts, and the first of equals: an invalid token,
    /// because a newer one must be had before anything else can be judged; then a nonce, a
    /// step-up, the scope. A challenge of Bearer or DPoP without a known error code refuses the
    /// token, as does one that cannot be read; another scheme gives way to them all.
    ///
    /// `invalid_request` is no known code here: with its own status, 400, it says nothing about
    /// the token, and a 401 contradicts it.
    ///
    /// A parameter that occurs twice in a challenge says nothing ([RFC 9110 §11.2]). Looked at are
    /// 16 lines of up to 8 KiB, and values of up to 4 KiB; what is beyond cannot be read.
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

    /// Whether an answer of this status can mean anything but [`Other`](Self::Other).
    pub(crate) const fn is_in(status: StatusCode) -> bool {
        matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
    }
}

/// What one challenge says; declared from the weakest to the strongest.
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
