//! What a response says about the session's token: as [`Meaning`] reads it, or as the application
//! does.

use std::fmt;
use std::sync::{Arc, OnceLock};

use http::header::WWW_AUTHENTICATE;
use http::{Extensions, HeaderMap, HeaderValue, StatusCode};

use crate::machine::Verdict;
use crate::{Meaning, Reason};

/// The head of a response, for [`SessionBuilder::refused_when`](crate::SessionBuilder::refused_when).
pub struct Answered<'a> {
    status: StatusCode,
    headers: &'a HeaderMap,
    meaning: Meaning,
}

impl Answered<'_> {
    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        self.headers
    }

    /// What the response means to the session.
    #[must_use]
    pub const fn meaning(&self) -> &Meaning {
        &self.meaning
    }

    /// Whether the session reads it as a refusal of its token.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.meaning == Meaning::TokenRefused
    }
}

impl fmt::Debug for Answered<'_> {
    /// Without the headers, because a server may send credentials back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answered")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

type Predicate = Arc<dyn Fn(&Answered<'_>) -> bool + Send + Sync>;

/// Classifies responses: by the application's predicate if there is one.
#[derive(Clone, Default)]
pub(in crate::session) struct Classifier {
    predicate: Option<Predicate>,
    cache: ChallengeCache,
}

/// The first challenge that refused a token. A server sends the same one to all requests, so it is
/// parsed once.
#[derive(Clone, Default)]
struct ChallengeCache(OnceLock<Box<[u8]>>);

/// The longest challenge that is cached, in bytes.
const LONGEST: usize = 256;

/// The verdict on a response, and what the caller is told about it.
pub(in crate::session) struct Classified {
    pub(in crate::session) verdict: Verdict,
    meaning: Meaning,
}

impl ChallengeCache {
    /// As [`Meaning::of`].
    fn meaning(&self, status: StatusCode, headers: &HeaderMap) -> Meaning {
        if status != StatusCode::UNAUTHORIZED {
            return Meaning::of(status, headers);
        }
        let challenge = only(headers);
        if challenge.is_some() && challenge == self.0.get().map(AsRef::as_ref) {
            return Meaning::TokenRefused;
        }
        let meaning = Meaning::of(status, headers);
        match (&meaning, challenge) {
            (Meaning::TokenRefused, Some(challenge)) if challenge.len() <= LONGEST => {
                self.0.get_or_init(|| challenge.into());
            }
            _ => {}
        }
        meaning
    }
}

/// The challenge line of a response that has exactly one.
fn only(headers: &HeaderMap) -> Option<&[u8]> {
    let mut lines = headers.get_all(WWW_AUTHENTICATE).iter();
    match (lines.next(), lines.next()) {
        (line, None) => line.map(HeaderValue::as_bytes),
        (_, Some(_)) => None,
    }
}

impl Classifier {
    pub(in crate::session) fn by(predicate: Predicate) -> Self {
        Self {
            predicate: Some(predicate),
            cache: ChallengeCache::default(),
        }
    }

    /// Classifies a response. `None` if it says nothing about a token, as most do.
    #[inline]
    pub(in crate::session) fn classify(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Option<Classified> {
        if self.predicate.is_none() && !Meaning::is_in(status) {
            return None;
        }
        Some(self.read(status, headers))
    }

    fn read(&self, status: StatusCode, headers: &HeaderMap) -> Classified {
        let meaning = self.cache.meaning(status, headers);
        let answered = Answered {
            status,
            headers,
            meaning,
        };
        let refused = match &self.predicate {
            Some(predicate) => predicate(&answered),
            None => answered.is_refused(),
        };
        Classified {
            verdict: if refused {
                Verdict::Challenge
            } else {
                Verdict::Answer
            },
            meaning: answered.meaning,
        }
    }
}

impl Classified {
    /// Adds what the server asks for to the response's extensions.
    pub(in crate::session) fn add_to(self, extensions: &mut Extensions) {
        let reason = match (self.verdict, self.meaning) {
            // The machine decides what happens to a refusal.
            (Verdict::Challenge, _) => return,
            (Verdict::Answer, Meaning::Other | Meaning::TokenRefused) => return,
            (Verdict::Answer, Meaning::InsufficientScope(wanted)) => {
                extensions.insert(wanted);
                Reason::InsufficientScope
            }
            (Verdict::Answer, Meaning::StepUp(wanted)) => {
                extensions.insert(wanted);
                Reason::StepUp
            }
            (Verdict::Answer, Meaning::DpopNonce) => Reason::DpopNonce,
            (Verdict::Answer, Meaning::ForeignScheme) => Reason::ForeignScheme,
        };
        extensions.insert(reason);
    }
}

impl fmt::Debug for Classifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.predicate.is_some() {
            "Some(..)"
        } else {
            "None"
        })
    }
}

#[cfg(test)]
mod tests;
